import { z } from 'zod';

/** How one engine did in a row. */
export const laneSchema = z.object({
  engine: z.string(),
  /** Command that would install it: then there are no figures. */
  missing: z.string().optional(),
  /** Cost of every round, in ms (memory: bytes). */
  costs: z.array(z.number()).default([]),
  /** Median in the row's unit. */
  value: z.number().optional(),
  /** Their cost / ours, median over rounds: above 1, ours is better. */
  ratio: z.number().optional(),
  /** How far the whole result is from ours (comparison.ts): relative to the largest value, or a share of ids. */
  difference: z.number().optional(),
});
export type LaneResult = z.output<typeof laneSchema>;

export const rowSchema = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  lanes: z.array(laneSchema),
  /** Floating-point operations of one run, where they are counted, and what follows. */
  compute: z
    .object({ gflop: z.number(), gflops: z.number(), matmulGflops: z.number(), share: z.number() })
    .optional(),
  note: z.string().optional(),
});
export type RowResult = z.output<typeof rowSchema>;

/** Where the time of one run goes, by kind of operator. */
export const profileSchema = z.object({
  title: z.string(),
  totalMs: z.number(),
  operators: z.array(z.object({ name: z.string(), calls: z.number(), ms: z.number(), share: z.number() })),
});
export type ProfileResult = z.output<typeof profileSchema>;

export const resultsSchema = z.object({
  date: z.string(),
  command: z.string(),
  sizes: z.string(),
  machine: z.object({
    cpu: z.string(),
    vectorExtensions: z.array(z.string()),
    cores: z.number(),
    memoryGiB: z.number(),
    node: z.string(),
    onnxruntime: z.string(),
  }),
  peers: z.record(z.string(), z.string()),
  rows: z.array(rowSchema),
  profiles: z.array(profileSchema),
});
export type Results = z.output<typeof resultsSchema>;
