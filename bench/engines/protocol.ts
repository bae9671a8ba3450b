import { z } from 'zod';

/**
 * Engines are processes of their own that read one JSON request per line and answer with one JSON line, marked so that
 * whatever else a library prints is not mistaken for an answer. torch_bench.py speaks the same.
 */
export const MARK = '@bench ';

export const requestSchema = z.discriminatedUnion('op', [
  /** Builds a task under a key and runs it once. */
  z.object({ op: z.literal('prepare'), key: z.string(), task: z.string(), settings: z.unknown() }),
  /** Runs it once more. */
  z.object({ op: z.literal('run'), key: z.string() }),
  z.object({ op: z.literal('release'), key: z.string() }),
]);
export type Request = z.output<typeof requestSchema>;

export const answerSchema = z.object({
  /** Set when the request failed; the rest is then meaningless. */
  error: z.string().optional(),
  /** Time of the request inside the engine's process, in ms. */
  ms: z.number(),
  /** The whole result of `prepare`; nothing for other requests. */
  result: z.array(z.number()).default([]),
  /** The process's peak resident memory, in bytes. */
  peakBytes: z.number(),
});
export type Answer = z.output<typeof answerSchema>;
