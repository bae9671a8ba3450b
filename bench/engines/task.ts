import { z } from 'zod';

/** The whole result of a run as plain numbers, so that engines can be held to equal results. */
export type Read = () => ArrayLike<number>;

/** Something that is prepared once and timed many times. */
export interface Task {
  /** Runs once. Reading the result is no part of the run: it is not timed, and left out where nothing is compared. */
  run(): Promise<Read>;
  dispose?(): Promise<void>;
}

/** Tasks of one engine by name; settings come from another process. */
export type Tasks = Readonly<Record<string, (settings: unknown) => Promise<Task>>>;

/** What the tasks may be told. Every engine reads the same settings. */
export const settingsSchemas = {
  matmul: z.object({ m: z.int(), k: z.int(), n: z.int(), threads: z.int() }),
  /** `directory`: a model in the engine's own layout. */
  image: z.object({ directory: z.string(), batch: z.int(), side: z.int(), threads: z.int() }),
  text: z.object({
    directory: z.string(),
    batch: z.int(),
    length: z.int(),
    vocabSize: z.int(),
    threads: z.int(),
  }),
  /** Loads a model and embeds one image and one text: the time of `prepare` and the memory are the results. */
  load: z.object({ directory: z.string(), picture: z.string(), threads: z.int() }),
  preprocess: z.object({ directory: z.string(), picture: z.string() }),
  /** `texts`: a JSON file, an array of strings. */
  tokenize: z.object({ directory: z.string(), texts: z.string() }),
  /** `vision`: the image tower alone, against given text embeddings. */
  train: z.object({
    directory: z.string(),
    batch: z.int(),
    towers: z.enum(['both', 'vision']),
    seed: z.int(),
    learningRate: z.number(),
    weightDecay: z.number(),
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number(),
    clipNorm: z.number(),
    threads: z.int(),
  }),
} as const;

export type TaskName = keyof typeof settingsSchemas;
export type Settings<Name extends TaskName> = z.output<(typeof settingsSchemas)[Name]>;

/** A task whose settings are checked first. */
export const task =
  <Name extends TaskName>(name: Name, create: (settings: Settings<Name>) => Promise<Task>) =>
  (settings: unknown): Promise<Task> =>
    create(settingsSchemas[name].parse(settings) as Settings<Name>);
