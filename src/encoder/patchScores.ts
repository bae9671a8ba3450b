import type { Box } from '../input/image/box.ts';
import { type ImageSource, toImage } from '../input/image/imageSource.ts';
import type { ImageSize } from '../input/image/naflex/naflexSize.ts';
import { withMaxPatches } from '../input/image/naflex/patchBudget.ts';
import type { ImagePreprocessing } from '../input/image/preprocessing.ts';
import { seenPart } from '../input/image/seenPart.ts';
import { type NdArray, ndarray } from '../tensor/index.ts';
import type { Embeddings } from './embeddings.ts';
import type { Encoder, ImageOptions } from './encoder.ts';
import type { PatchEmbeddings, PatchGrid } from './towers/patches.ts';

/** How well each patch of a picture fits some queries. */
export interface PatchScores {
  /** The picture's sides in pixels, upright as EXIF says. */
  readonly size: { readonly height: number; readonly width: number };
  readonly rows: number;
  readonly columns: number;
  /**
   * What the grid of patches lies over, in pixels of the picture: less than the picture where a model leaves edges unread,
   * more where it pads.
   */
  readonly area: Box;
  /**
   * Cosines, [queries, rows·columns], row by row. Models are trained on whole pictures: compare the patches of one picture
   * and query with each other, and don't read their cosines as probabilities.
   */
  readonly cosines: NdArray<'float32'>;
}

/** Inner products of every row of one table with every row of another, [a, b]. */
function innerProducts(a: Embeddings, b: Embeddings): NdArray<'float32'> {
  const [n, width] = a.shape as [number, number];
  const [m, other] = b.shape as [number, number];
  if (width !== other)
    throw new RangeError(
      `the queries have width ${width}, the model's embeddings ${other}: use one model for both`,
    );
  const products = new Float32Array(n * m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += a.data[i * width + k]! * b.data[j * width + k]!;
      products[i * m + j] = sum;
    }
  return ndarray('float32', [n, m], products);
}

/** Where the grid of an image's patches lies, in pixels of the image. */
export function gridArea(
  { rows, columns, patchHeight, patchWidth }: PatchGrid,
  size: ImageSize,
  preprocessing: ImagePreprocessing,
): Box {
  const { y1, x1, y2, x2 } = seenPart(size, preprocessing);
  return {
    y1,
    x1,
    y2: y1 + (y2 - y1) * rows * patchHeight,
    x2: x1 + (x2 - x1) * columns * patchWidth,
  };
}

/**
 * Compares patches that are embedded already.
 * @param preprocessing by which they were
 * @throws RangeError when the queries are of another width
 */
export const scoresOfPatches = (
  patches: PatchEmbeddings,
  { height, width }: ImageSize,
  queries: Embeddings,
  preprocessing: ImagePreprocessing,
): PatchScores => ({
  size: { height, width },
  rows: patches.rows,
  columns: patches.columns,
  area: gridArea(patches, { height, width }, preprocessing),
  cosines: innerProducts(queries, patches.embeddings),
});

/**
 * Compares every patch of a picture with queries: where it shows what they say. With a NaFlex model the grid has the
 * picture's own shape, and more patches make it finer; a fixed model looks at a square, whatever the picture's shape.
 * @param queries embeddings of texts or of pictures, unit length, [queries, d]
 * @throws Error naming the picture that cannot be read; RangeError when the queries are of another width
 * @example
 * const encoder = await load('google/siglip2-base-patch16-naflex');
 * const texts = await encoder.embedTexts(['a red bicycle', 'ein Hund']);
 * const { rows, columns, cosines } = await patchScores(encoder, 'street.jpg', texts, { maxNumPatches: 1024 });
 */
export async function patchScores(
  encoder: Pick<Encoder, 'decode' | 'embedPatches' | 'preprocessing'>,
  picture: ImageSource,
  queries: Embeddings,
  options: ImageOptions = {},
): Promise<PatchScores> {
  const image = await toImage(picture, encoder.decode);
  const [grid] = await encoder.embedPatches([image], options);
  return scoresOfPatches(grid!, image, queries, withMaxPatches(encoder.preprocessing, options.maxNumPatches));
}
