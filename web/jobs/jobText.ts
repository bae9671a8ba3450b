import type { Job } from '../../src/server/jobs/job.ts';
import { bytes, duration, exact } from '../shared/numbers.ts';

const amount = (value: number, unit: Job['unit']): string => (unit === 'bytes' ? bytes(value) : exact(value));

/** How far a job is: `1,234 of 5,000 files`. */
export function progressText({ done, total, unit }: Pick<Job, 'done' | 'total' | 'unit'>): string {
  const noun = unit === 'files' ? ((total ?? done) === 1 ? ' file' : ' files') : '';
  return `${amount(done, unit)}${total === undefined ? '' : ` of ${amount(total, unit)}`}${noun}`;
}

/** How fast a job is, and how long it takes yet; empty while that is not known. */
export function paceText({ rate, remaining, unit }: Pick<Job, 'rate' | 'remaining' | 'unit'>): string {
  const speed =
    rate === undefined || rate <= 0 ? [] : [`${amount(Number(rate.toPrecision(2)), unit)} a second`];
  const left = remaining === undefined ? [] : [`${duration(remaining)} left`];
  return [...speed, ...left].join(' · ');
}

const STATES: Readonly<Record<Job['state'], string>> = {
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** The state of a job for people; of one that runs, what it is at. */
export function stateText({ state, stage }: Pick<Job, 'state' | 'stage'>): string {
  if (state !== 'running' || stage === '') return STATES[state];
  return `${stage[0]!.toUpperCase()}${stage.slice(1)}`;
}

/** Share of its work that a job has done, 0 … 1; undefined where its work is not known. */
export function share({ done, total }: Pick<Job, 'done' | 'total'>): number | undefined {
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total);
}
