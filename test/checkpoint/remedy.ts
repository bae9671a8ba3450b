import { expect } from 'vitest';
import { CheckpointError } from '../../src/checkpoint/files/errors.ts';

/** Names from files, as messages quote them; a hostile one may hold anything. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** The file, the fault and one remedy, which says what to do. */
const PROMISE =
  /^CheckpointError: [^;]*: [^;]+; (?:add|check|convert|correct|fetch|free|make|name|read|remove|rename|run|save|see|take|try|use) [^;]+$/;

/** Expects an error to be a CheckpointError that says what CheckpointError promises. */
export function expectRemedy(error: unknown): void {
  expect(error).toBeInstanceOf(CheckpointError);
  expect(String(error).replace(QUOTED, '""')).toMatch(PROMISE);
}

/** The message of the error with which something ends, which must be one that {@link expectRemedy} accepts. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expectRemedy(error);
  return String(error);
}

/** The error that a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
