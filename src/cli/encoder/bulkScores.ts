import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { type BulkSettings, bulk } from '../bulk/bulk.ts';
import { imagePart } from '../bulk/imagePart.ts';
import { matchGood, type ProbabilityFormOptions, probabilityForm } from '../bulk/probabilities.ts';
import { vectorCodec } from '../bulk/results.ts';
import type { CliIo } from '../support/io.ts';
import { printScores } from './scores.ts';

/** What is scored, and how that is shown and kept. */
export interface ScoreSettings
  extends Pick<BulkSettings<Float32Array>, 'output' | 'json' | 'maxBad' | 'identity' | 'summary' | 'fields'> {
  readonly form: ProbabilityFormOptions;
}

/** Scores images against texts or classes that are embedded, [m, d], image after image. */
export async function bulkScores(
  io: CliIo,
  encoder: Encoder,
  images: Parameters<typeof imagePart>[0],
  texts: Embeddings,
  { form, ...settings }: ScoreSettings,
): Promise<void> {
  const whole: BulkSettings<Float32Array> = {
    ...settings,
    codec: vectorCodec,
    form: probabilityForm(form),
    print: ({ name }, row) => printScores(io, name, form.shown(row)),
  };
  await bulk(io, whole, (part) => part(imagePart(images, (group) => matchGood(encoder, group, texts))));
}
