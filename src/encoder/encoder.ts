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
   * The sentences that `classify` puts labels into, if the call names none. They come from the checkpoint
   * (`prompt_templates` in config.json, a field of ours); without it they are the eight of big_vision's `clip_best`. The
   * embedded model, and models made from it, have bare names: `['{}']`.
   */
  readonly templates: Templates;
  /** How image files become pixels, e.g. what is behind transparent ones: by the checkpoint and the options of `load`. */
  readonly decode: DecodeOptions;
  /** How decoded images become the model's input: by the checkpoint and the options of `load`. */
  readonly preprocessing: ImagePreprocessing;
  /** NaFlex models: most patches of an image, unless a call has another number. */
  readonly maxNumPatches?: number;
  /**
   * Unit-length embeddings of images, [n, d].
   * @throws Error naming the image that cannot be read. With `onBad`, that is called instead, and the row is left out.
   */
  embedImages(images: readonly EncoderImage[], options?: EmbedImagesOptions): Promise<Embeddings>;
  /** An embedding of each patch of each image, to compare with texts: for heatmaps and regions. */
  embedPatches(images: readonly EncoderImage[], options?: ImageOptions): Promise<PatchEmbeddings[]>;
  /**
   * Un-pooled patch features of each image with their grid, and the pooled vector: for dense tasks. Compiles a second
   * copy of the image tower on first use. @throws Error naming the image that cannot be read.
   */
  imageFeatures(images: readonly ImageSource[], options?: ImageOptions): Promise<ImageFeatures[]>;
  /** Unit-length embeddings of texts in any language, [n, d]. */
  embedTexts(texts: readonly string[]): Promise<Embeddings>;
  /**
   * How many tokens the model reads of each text, in the order of the texts: what its end is cut off at.
   * @throws Error where the model has no tokenizer
   */
  countTokens(texts: readonly string[]): Promise<TokenCount[]>;
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

/** What a model reads of a text. */
export interface TokenCount {
  /** Tokens that it reads, the mark of the text's end among them, 1 … `config.text.length`. */
  readonly tokens: number;
  /** Whether the text has more, which the model does not read. */
  readonly isCut: boolean;
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
  /** A named set, or your own sentences with `{}` for the label; `['{}']` is the label alone. Default: the encoder's. */
  readonly templates?: Templates | undefined;
}
