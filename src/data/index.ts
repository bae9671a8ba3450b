/**
 * Samples, where they come from, and batches of them: everything between files and a model. A source lists samples (a
 * folder, COCO, Parquet, WebDataset shards), a stream decides their order and mixture, and batches are what a training step
 * takes. Each is an async iterator that reads a bounded distance ahead, and says which samples were bad.
 *
 * ```ts
 * import { imageFolder, readSource } from 'siglip2/data';
 * const photos = await imageFolder('photos');
 * for await (const { key, captions } of readSource(photos)) console.log(key, captions[0]?.text);
 * ```
 * @module siglip2/data
 */

// Samples, and the count of those that cannot be used.

export type { DecodedSample } from './samples/decodeSample.ts';
export type { BadReason, BadSample, Caption, Read, Region, Sample } from './samples/sample.ts';
export {
  createTally,
  type OddReport,
  type ReasonReport,
  type TalliedSample,
  type Tally,
  type TallyReport,
  type TallySettings,
  TooManyBadSamplesError,
  tallyText,
} from './samples/tally.ts';

// Sources: where samples come from.

export { type CocoOptions, coco } from './sources/coco/coco.ts';
export { imageFiles } from './sources/folder/imageFiles.ts';
export { type ImageFolderOptions, imageFolder } from './sources/folder/imageFolder.ts';
export type { Skipped } from './sources/folder/listFolder.ts';
export { classesOf, heldOut, subset } from './sources/holdOut.ts';
export { describeDifference, identifySource } from './sources/identity.ts';
export type { OpenOptions, SourceKind } from './sources/kinds/kind.ts';
export { openSource, registerSource, sourceKinds } from './sources/kinds/registry.ts';
export type { ParquetColumns } from './sources/parquet/columns.ts';
export { type ParquetOptions, parquet } from './sources/parquet/parquet.ts';
export { readSource } from './sources/readSource.ts';
export { type Scan, type ScanOptions, scanSource } from './sources/scanSource.ts';
export type { IndexedSource, ShardedSource, ShardRead, Source, SourceOptions } from './sources/source.ts';
export { webdataset } from './sources/webdataset/webdataset.ts';

// Streams: in which order, for ever, from where a run left off.

export { indexedStream } from './streams/indexedStream.ts';
export { type LanguageMixture, languageMixture, PAPER_LANGUAGES } from './streams/languages.ts';
export { type LookAheadOptions, lookAhead, mapAhead } from './streams/lookAhead.ts';
export { type MixturePart, mixture } from './streams/mixture.ts';
export { sampleStream } from './streams/sampleStream.ts';
export { select } from './streams/select.ts';
export { type ShardedStreamOptions, shardedStream } from './streams/shardedStream.ts';
export type { Json, Position, SampleStream, StreamItem, StreamOptions } from './streams/stream.ts';

// Batches: what a step takes.

export {
  type BatchMaker,
  type BatchSource,
  type BatchSourceOptions,
  batchSource,
} from './batches/batchSource.ts';
export { withCaptionIds } from './batches/captionIds.ts';
export {
  type CaptionedBox,
  type LoccaBatch,
  type LoccaBatchOptions,
  type LoccaExample,
  loccaBatch,
} from './batches/loccaBatch.ts';
export {
  type BatchEncoder,
  type BatchSample,
  type DrawnSample,
  type PairBatch,
  type PairBatchOptions,
  type PairBatchShape,
  pairBatches,
} from './batches/pairBatches.ts';
export { filePositions, type KnownPosition, type PositionStore } from './batches/positions.ts';

// Training views of pictures, for the losses without captions.

export type { ColourAugmentation } from './augmentation/colourAugmentation.ts';
export type { ViewGeometry } from './augmentation/geometry.ts';
export {
  DINO_COLOURS,
  type MultiCrop,
  type MultiCropBatch,
  type MultiCropOptions,
  multiCropBatch,
  SAME_COLOURS,
  silcViews,
  type ViewColours,
  type ViewOptions,
} from './augmentation/multiCrop.ts';

// Annotation: boxes for the phrases of captions.

export type { Word } from '../input/text/words.ts';
export { type AnnotateSettings, annotate } from './annotation/annotate.ts';
export {
  type AnnotateSamplesOptions,
  type AnnotationMemory,
  annotateSamples,
} from './annotation/annotateSamples.ts';
export { type Component, componentBounds, connectedComponents } from './annotation/components.ts';
export type { Detection, Detector } from './annotation/detector.ts';
export {
  HEATMAP_DEFAULTS,
  type HeatmapDetectorSettings,
  heatmapDetector,
} from './annotation/heatmapDetector.ts';
export { KEEP_DEFAULTS, type KeepSettings, keepDetections } from './annotation/keepRules.ts';
export { knownBoxes } from './annotation/knownBoxes.ts';
export { captionQueries, QUERY_DEFAULTS, type QuerySettings } from './annotation/queries.ts';

// Balance: samples drawn so that attributes do not go with concepts.

export { BALANCE_DEFAULTS, type Balancer, type BalanceSettings, createBalancer } from './balance/balancer.ts';
export {
  type BalancedSamples,
  type BalanceSamplesOptions,
  balanceSamples,
} from './balance/balanceSamples.ts';
export type { BalanceExample, BalanceSchema } from './balance/example.ts';
export { DEFAULT_LEXICON, type Lexicon } from './balance/lexicon.ts';
export type { BalanceReport, BalanceRow } from './balance/report.ts';

// Shards.

export { type WriteShardsOptions, type WrittenShard, writeShards } from './shards/writeShards.ts';

// What batches are made of: pictures and boxes.

export { boxArea, intersectionOverUnion, normaliseBox, scaleBox } from '../input/image/box.ts';
export { type BoxOverlay, boxColour, boxOverlay } from '../input/image/boxOverlay.ts';
export { imageFeeds } from '../input/image/imageSource.ts';
export type { ImageSize } from '../input/image/naflex/naflexSize.ts';
export { fixedPreprocessing, naflexPreprocessing } from '../input/image/preprocessing.ts';
export { resizePillow } from '../input/image/resize/resizePillow.ts';
export { composite, type RgbaImage, type RgbaPixels } from '../input/image/rgbaImage.ts';
export { rgbImage } from '../input/image/rgbImage.ts';

// What batches are made of: texts.

export { BOX_FORMAT, type BoxFormat } from '../input/text/locca/boxText.ts';
export type { PieceEncoder } from '../input/text/locca/encode.ts';
export { LOCCA_FORMAT, LOCCA_TASKS, type LoccaFormat, type LoccaTask } from '../input/text/locca/format.ts';
export { PROMPT_TEMPLATES, promptsFor } from '../input/text/prompts.ts';
export {
  loadTokenizer,
  type TextTokenizer,
  type TokenizerOptions,
} from '../input/text/tokenizer/loadTokenizer.ts';
export type { TokenizerJson } from '../input/text/tokenizer/tokenizerJson.ts';
export { trimRows } from '../input/text/trim/trimRows.ts';
export { type TrimmedTokenizer, trimTokenizer } from '../input/text/trim/trimTokenizer.ts';

// Files that are written whole or not at all.

export { writeAll, writeAtomic, writeJson } from '../checkpoint/files/atomic.ts';
export { readJson } from '../checkpoint/files/json.ts';
export { removeLeftovers } from '../checkpoint/files/leftovers.ts';
