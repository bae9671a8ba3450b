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

export interface RunCurve {
  readonly metric: string;
  readonly points: readonly CurvePoint[];
}

export interface RunStage {
  readonly name: string;
  readonly curves: readonly RunCurve[];
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
  readonly stages: readonly RunStage[];
  readonly evaluations: readonly RunEvaluation[];
  readonly samples: readonly RunSample[];
}

const getJson = async (address: string, signal: AbortSignal): Promise<unknown> =>
  (await patientFetch(address, { signal })).json();

/** All runs, the newest first. */
export async function getRuns(signal: AbortSignal): Promise<RunSummary[]> {
  const answer = (await getJson('/v1/runs', signal)) as { runs: RunSummary[] };
  return answer.runs;
}

export const getRun = async (name: string, signal: AbortSignal): Promise<Run> =>
  (await getJson(`/v1/runs/${encodeURIComponent(name)}`, signal)) as Run;

/** Address of the stream that tells when a run has changed. */
export const runEvents = (name: string): string => `/v1/runs/${encodeURIComponent(name)}/events`;
