import { annotateSamples } from '../../src/data/annotation/annotateSamples.ts';
import { batchSource } from '../../src/data/batches/batchSource.ts';
import { loccaBatch } from '../../src/data/batches/loccaBatch.ts';
import { pairBatches } from '../../src/data/batches/pairBatches.ts';
import { coco } from '../../src/data/sources/coco/coco.ts';
import { imageFiles } from '../../src/data/sources/folder/imageFiles.ts';
import { imageFolder } from '../../src/data/sources/folder/imageFolder.ts';
import { openSource } from '../../src/data/sources/kinds/registry.ts';
import { parquet } from '../../src/data/sources/parquet/parquet.ts';
import { scanSource } from '../../src/data/sources/scanSource.ts';
import { webdataset } from '../../src/data/sources/webdataset/webdataset.ts';
import { lookAhead, mapAhead } from '../../src/data/streams/lookAhead.ts';
import type { Use } from './uses.ts';

const never = () => {
  throw new Error('nothing is to be made');
};
const stream = {} as never;
const none: AsyncIterable<never> = (async function* () {})();
const pairs = { seed: 0, tokenizer: {}, shape: never };

/** Settings of reading data and making batches of it. */
export const DATA_USES: Readonly<Record<string, Use>> = {
  AnnotateSamplesOptions: { right: {}, enter: (one) => annotateSamples([], never, one).next() },
  BatchSourceOptions: {
    right: { sizeAt: never, makerAt: never },
    enter: (one) => batchSource(stream, one),
  },
  CocoOptions: { right: { images: '.', annotations: 'none.json' }, enter: (one) => coco(one) },
  ImageFolderOptions: { right: {}, enter: (one) => imageFolder('none', one) },
  'ImageFolderOptions of files': { right: {}, enter: (one) => imageFiles([], one) },
  LoccaBatchOptions: {
    right: { seed: 0, length: 4 },
    enter: (one) => loccaBatch([], {} as never, one, 0),
    signed: ['seed'],
  },
  LookAheadOptions: { right: {}, enter: (one) => lookAhead(none, 1, one).next() },
  'LookAheadOptions of maps': { right: {}, enter: (one) => mapAhead(none, never, 1, one).next() },
  OpenOptions: { right: {}, enter: (one) => openSource(['none.tar'], one) },
  PairBatchOptions: { right: pairs, enter: (one) => pairBatches(stream, one) },
  PairBatchShape: {
    right: { images: 1, preprocessing: {} },
    enter: (shape) => pairBatches(stream, { ...pairs, shape } as never),
  },
  ParquetOptions: { right: {}, enter: (one) => parquet('none.parquet', one) },
  ScanOptions: { right: {}, enter: (one) => scanSource({ size: 0 } as never, one) },
  SourceOptions: { right: {}, enter: (one) => webdataset('none.tar', one) },
};
