import type { Input } from '../../data/inputs/input.ts';
import { type LabelScore, matchProbabilities } from '../../encoder/classify.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { splitRows } from '../../tensor/rows.ts';
import type { OutputForm } from './formats/outputForm.ts';
import { embedGood } from './imagePart.ts';
import type { Outcome } from './results.ts';

export interface ProbabilityFormOptions {
  /** What the columns of the array are called. */
  readonly labels: readonly string[];
  /** Name of a label's column in tables: `text`, `label`. */
  readonly labelColumn: string;
  /** The probabilities of one image as they are shown. */
  shown(row: Float32Array): readonly LabelScore[];
  /** What is printed of one image as JSON. */
  line(image: string, shown: readonly LabelScore[]): unknown;
}

/** Probabilities of images and texts: an array [images, texts], or a table with a row a pair. */
export const probabilityForm = ({
  labels,
  labelColumn,
  shown,
  line,
}: ProbabilityFormOptions): OutputForm<Float32Array> => ({
  matrix: { name: 'probabilities', width: labels.length, columns: labels, row: (row) => row },
  columns: [
    { name: 'image', type: 'string' },
    { name: labelColumn, type: 'string' },
    { name: 'probability', type: 'number' },
  ],
  rows: ({ name }, row) => shown(row).map(({ label, probability }) => [name, label, probability]),
  lines: ({ name }, row) => [line(name, shown(row))],
});

/** The probability that each image of a group and each text match, in the order of the texts. */
export const matchGood = (
  encoder: Encoder,
  group: readonly Input[],
  texts: Embeddings,
): Promise<readonly Outcome<Float32Array>[]> =>
  embedGood(encoder, group, (images) => splitRows(matchProbabilities(images, texts, encoder.logitScalars)));
