import type { CurvePoint } from '../../src/train/run/report/curve.ts';
import { patientFetch } from '../shared/patientFetch.ts';

/** A run as the list has it. */
export interface RunSummary {
  readonly name: string;
  readonly state: 'running' | 'finished' | 'stopped';
  readonly stage: string | null;
  readonly step: number;
  readonly steps: number | null;
  readonly updated: number;
  readonly loss: number | null;
}

export interface RunEvaluation {
  readonly step: number;
  readonly stage: string;
  readonly name: string;
  readonly metric: string;
  readonly value: number;
  readonly interval?: readonly [number, number];
  readonly chance?: number;
}

export interface RunSample {
  readonly title: string;
  readonly image?: string;
  readonly text?: string;
}

/** All of a run. */
export interface Run {
  readonly name: string;
  readonly state: RunSummary['state'];
  readonly stages: readonly {
    readonly name: string;
    readonly curves: readonly { readonly metric: string; readonly points: readonly CurvePoint[] }[];
  }[];
  readonly evaluations: readonly RunEvaluation[];
  readonly samples: readonly RunSample[];
}

/** All runs, the latest first. */
export async function getRuns(signal: AbortSignal): Promise<RunSummary[]> {
  const answer: { runs: RunSummary[] } = JSON.parse(
    await (await patientFetch('/v1/runs', { signal })).text(),
  );
  return answer.runs;
}

/** Address of the stream of a run: the whole run, at once and whenever it has changed. */
export const runEvents = (name: string): string => `/v1/runs/${encodeURIComponent(name)}/events`;
