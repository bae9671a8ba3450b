import type { Score } from '../shared/client.ts';
import { h } from '../shared/element.ts';
import { meter } from '../shared/meter.ts';
import { percent } from '../shared/numbers.ts';
import type { Scores } from './scores.ts';

/**
 * Where the best label is less probable than this, none of them fits. The cut-off of a search cannot say it: that is of a
 * query among all pictures, and labels of one picture have no others to stand out from. The
 * figure is a choice of the page, not a measurement: below it the words say so, and the bars stay as they are.
 */
const FITS = 0.05;

const row = ({ label, probability }: Score, choose: (label: string) => void): HTMLElement =>
  h(
    'li',
    { class: 'score' },
    h(
      'button',
      {
        type: 'button',
        class: 'label',
        dir: 'auto',
        title: `Show where: ${label}`,
        on: { click: () => choose(label) },
      },
      label,
    ),
    meter(probability),
  );

/** Labels with their bars. @param choose called with the label that is pressed */
export const scoreRows = ({ found }: Scores, choose: (label: string) => void): HTMLElement[] =>
  found.map((score) => row(score, choose));

/** What the scores say: each is a probability by itself, so that none may fit. */
export function verdict({ found: [best], cut }: Scores): string {
  const part = cut.length === 0 ? '' : ` Too long, and read in part only: ${cut.join(', ')}.`;
  if (best && best.probability < FITS)
    return `None of these fits: even “${best.label}” has ${percent(best.probability)} only.${part}`;
  return `Each label is judged by itself: the figures need not add up to 100 %. Press a label to see where it is.${part}`;
}
