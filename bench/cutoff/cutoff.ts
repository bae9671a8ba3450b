/**
 * Measures the cut-off of a search beside others, about ten minutes on two cores:
 *
 *   npx tsx bench/cutoff/cutoff.ts [--model DIR] [--data DIR with coco/] [--cache DIR for embeddings of drawings]
 *
 * It fits the coefficients of all designs on one part of the emoji and on made-up models, and tests them on the other
 * emoji, in other languages and collections, and on other made-up models. `src/search/cutoff/coefficients.ts` has what it
 * prints for the last design of each kind.
 */
import { parseArgs } from 'node:util';
import { EMBEDDED_MODEL, load } from '../../src/index.ts';
import { cutoffData } from './data.ts';
import { type Design, fitDesign, flatAt, IMAGE_DESIGNS, type Judged, TEXT_DESIGNS } from './designs.ts';
import { type Measured, measure } from './measure.ts';
import { photographWorld } from './photographs.ts';
import { type Answer, answersOf } from './shown.ts';
import type { World } from './world.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: EMBEDDED_MODEL },
    cache: { type: 'string' },
    data: { type: 'string' },
  },
});

const log = (line: string): void => console.error(line);

/** The flat threshold that does best on what is fitted: in the mean of absent queries and present ones. */
function bestFlat(answers: readonly Answer[]): Judged {
  const logits = Array.from({ length: 120 }, (_, i) => -12 + i * 0.125);
  const score = (logit: number) => {
    const { nothing, something } = measure(flatAt(1 / (1 + Math.exp(-logit))), answers);
    return nothing + something;
  };
  const best = logits.map((logit) => ({ logit, value: score(logit) })).sort((a, b) => b.value - a.value)[0]!;
  return flatAt(1 / (1 + Math.exp(-best.logit)));
}

const percent = (value: number): string => (Number.isNaN(value) ? '' : (100 * value).toFixed(1));

const COLUMNS: Readonly<Record<keyof Measured, string>> = {
  nothing: 'absent: nothing fits',
  something: 'present: something fits',
  kept: 'present, best right: it fits',
  precision: 'precision',
  recall: 'recall',
  error: 'ECE',
  errorOfBest: 'ECE of the best',
};

function table(judges: readonly Judged[], answers: readonly Answer[]): string {
  const keys = Object.keys(COLUMNS) as (keyof Measured)[];
  const rows = judges.map((judge) => {
    const measured = measure(judge, answers);
    return `| ${judge.name} | ${keys.map((key) => percent(measured[key])).join(' | ')} |`;
  });
  return [
    `| | ${keys.map((key) => COLUMNS[key]).join(' | ')} |`,
    `|---|${'---|'.repeat(keys.length)}`,
    ...rows,
  ].join('\n');
}

function report(
  kind: World['kind'],
  designs: readonly Design[],
  fit: readonly World[],
  test: readonly World[],
): void {
  const of = (worlds: readonly World[]) => worlds.filter((one) => one.kind === kind).flatMap(answersOf);
  const fitted = of(fit);
  const tested = of(test);
  const judges = [flatAt(0.5), bestFlat(fitted), ...designs.map((design) => fitDesign(design, fitted))];
  console.log(`## By ${kind}\n`);
  for (const { name, coefficients } of judges)
    console.log(`- ${name}: ${coefficients.map((one) => one.toFixed(3)).join(', ')}`);
  for (const group of new Set(tested.map((one) => one.group)))
    console.log(
      `\n### ${group}\n\n${table(
        judges,
        tested.filter((one) => one.group === group),
      )}`,
    );
}

const encoder = await load(values.model);
const { fit, test } = await cutoffData(encoder, log, values.cache);
const photographs = values.data ? [await photographWorld(encoder, values.data)] : [];
report('text', TEXT_DESIGNS, fit, [...test, ...photographs]);
report('image', IMAGE_DESIGNS, fit, test);
await encoder.dispose();
