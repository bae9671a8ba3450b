import { expect } from 'vitest';
import { CheckpointError } from '../../src/checkpoint/errors.ts';

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

/** The error that a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
