import type { DecodeOptions } from '../input/image/decode/decodeImage.ts';
import type { EncoderImage, ImageSource } from '../input/image/imageSource.ts';
import type { ImagePreprocessing } from '../input/image/preprocessing.ts';
import type { ModelConfig } from '../model/config.ts';
import type { NdArray } from '../tensor/index.ts';
import type { LabelScore, LogitScalars, Templates } from './classify.ts';
import type { Embeddings } from './embeddings.ts';
import type { ImageFeatures } from './towers/features.ts';
import type { PatchEmbeddings } from './towers/patches.ts';

/** A loaded SigLIP 2: image and text embeddings in one space. Calls may overlap; each gets its own results. */
export interface Encoder {
  readonly config: ModelConfig;
  /** Width d of the embeddings. */
  readonly width: number;
  readonly logitScalars: LogitScalars;
  /**
   * What stands around a label when `classify` is not told: what the checkpoint says (`prompt_templates` in config.json,
   * a field of ours), else the eight templates of big_vision's `clip_best`. The embedded model and what is made from it learnt
   * bare names: `['{}']`.
   */
  readonly templates: Templates;
  /** How image files become pixels: what the checkpoint says of transparent pixels, and what `load` was told. */
  readonly decode: DecodeOptions;
  /** How decoded images become what the model takes: as the checkpoint says and `load` was told. */
  readonly preprocessing: ImagePreprocessing;
  /** NaFlex: most patches of an image, unless a call asks for others. Fixed-resolution models have none. */
  readonly maxNumPatches?: number;
  /**
   * Unit-length embeddings of images, [n, d].
   * @throws Error naming the image that cannot be read, unless `onBad` is told of it: then its row is left out.
   */
  embedImages(images: readonly EncoderImage[], options?: EmbedImagesOptions): Promise<Embeddings>;
  /** What the model sees at each place of each image, in the space of the embeddings: for heatmaps and regions. */
  embedPatches(images: readonly ImageSource[], options?: ImageOptions): Promise<PatchEmbeddings[]>;
  /**
   * Un-pooled patch features of each image with their grid, and the pooled vector: for dense tasks. Compiles a second
   * copy of the image tower on first use. @throws Error naming the image that cannot be read.
   */
  imageFeatures(images: readonly ImageSource[], options?: ImageOptions): Promise<ImageFeatures[]>;
  /** Unit-length embeddings of texts in any language, [n, d]. */
  embedTexts(texts: readonly string[]): Promise<Embeddings>;
  /** Unit-length embeddings of labels, each the mean of its prompts', [n, d]. */
  embedLabels(labels: readonly string[], options?: ClassifyOptions): Promise<Embeddings>;
  /** Probability that each image and each text match, [images, texts]; pairs are judged independently. */
  score(
    images: readonly EncoderImage[],
    texts: readonly string[],
    options?: ImageOptions,
  ): Promise<NdArray<'float32'>>;
  /** Zero-shot classification: for each image, every label with its probability, best first. */
  classify(
    images: readonly EncoderImage[],
    labels: readonly string[],
    options?: ClassifyOptions & ImageOptions,
  ): Promise<LabelScore[][]>;
  /** Frees the engine's memory. Calls after it fail. */
  dispose(): Promise<void>;
}

/** How a model looks at the images of one call. */
export interface ImageOptions {
  /**
   * NaFlex: most patches of an image, 1 … 4,096. Default: the encoder's. A fixed-resolution model refuses it (RangeError).
   */
  readonly maxNumPatches?: number | undefined;
}

export interface EmbedImagesOptions extends ImageOptions {
  /** Told of each image that cannot be read or decoded, by its place in `images`. */
  readonly onBad?: ((place: number, error: unknown) => void) | undefined;
}

export interface ClassifyOptions {
  /** A named set, or your own; `['{}']` takes the labels as they are. Default: the encoder's `templates`. */
  readonly templates?: Templates | undefined;
}
