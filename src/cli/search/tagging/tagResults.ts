import { z } from 'zod';
import type { LabelScore } from '../../../encoder/classify.ts';
import type { OutputForm } from '../../bulk/formats/outputForm.ts';
import { type Codec, jsonCodec } from '../../bulk/results.ts';
import { formatProbability } from '../../encoder/scores.ts';
import { type CliIo, print, visible } from '../../support/io.ts';

const taggedSchema = z.object({
  tags: z.array(z.object({ label: z.string(), probability: z.number() })),
  sidecar: z
    .object({
      path: z.string(),
      added: z.array(z.string()).readonly(),
      removed: z.array(z.string()).readonly(),
    })
    .optional(),
});

/** A picture's tags, best first, and what became of its sidecar. */
export type Tagged = z.output<typeof taggedSchema>;

export const taggedCodec: Codec<Tagged> = jsonCodec(taggedSchema);

/** Which labels become tags. */
export interface TagRule {
  readonly threshold: number;
  readonly top: number | undefined;
}

/** The labels that are probable enough, best first. @param row probabilities in the order of the labels */
export const tagsOf = (
  labels: readonly string[],
  row: Float32Array,
  { threshold, top }: TagRule,
): LabelScore[] =>
  labels
    .map((label, i) => ({ label, probability: row[i]! }))
    .filter(({ probability }) => probability >= threshold)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);

/** A table with a row for each picture and tag; as JSON a line for each picture. */
export const taggedForm: OutputForm<Tagged> = {
  columns: [
    { name: 'image', type: 'string' },
    { name: 'label', type: 'string' },
    { name: 'probability', type: 'number' },
  ],
  rows: ({ name }, { tags }) => tags.map(({ label, probability }) => [name, label, probability]),
  lines: ({ name }, tagged) => [{ image: name, ...tagged }],
};

/** One line for people: the picture, its tags, and what changes in its sidecar. */
export function printTagged(io: CliIo, name: string, { tags, sidecar }: Tagged): void {
  const shown = tags.map(({ label, probability }) => `${label} ${formatProbability(probability)}`);
  const changes = [
    ...(sidecar?.added ?? []).map((tag) => `+${tag}`),
    ...(sidecar?.removed ?? []).map((tag) => `−${tag}`),
  ];
  const sides = changes.length === 0 ? '' : `  [${changes.join(' ')}]`;
  print(io, `${visible(name)}  ${shown.length > 0 ? shown.join(', ') : '–'}${sides}`);
}
