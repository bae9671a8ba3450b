import { formatNumber } from '../../src/train/run/report/axis.ts';
import { ago } from '../shared/ago.ts';
import { exact } from '../shared/numbers.ts';
import type { RunSummary } from './runs.ts';

const STATES: Readonly<Record<RunSummary['state'], string>> = {
  running: 'Running',
  finished: 'Finished',
  stopped: 'Stopped',
};

/** The state of a run for people. */
export const stateText = (state: RunSummary['state']): string => STATES[state];

/** Where a run is: `2-scenes · 1,200 of 5,000 updates · loss 2.31`. */
export function whereText({ stage, step, steps, loss }: RunSummary): string {
  const total = steps === null ? '' : ` of ${exact(steps)}`;
  const parts = [
    ...(stage === null ? [] : [stage]),
    `${exact(step)}${total} updates`,
    ...(loss === null ? [] : [`loss ${formatNumber(loss)}`]),
  ];
  return parts.join(' · ');
}

/** When a run has last written something. */
export const updatedText = ({ updated }: RunSummary): string => `updated ${ago(updated)}`;
