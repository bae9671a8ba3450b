import type { DType, NdArray } from './ndarray.ts';
import { count, flag, listOf, oneOf, optional, settings, text } from './settings.ts';

/** Where a graph runs. `cpu` works everywhere; the others only where the installed runtime has them. */
export const DEVICES = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof DEVICES)[number];

/** How JavaScript talks to ONNX Runtime: its stable C interface (default), or the official Node binding. */
export type Transport = 'c-api' | 'binding';

export interface SessionOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /**
   * Lets CUDA round the factors of matrix products to TF32 (10 bits), which is faster and costs about three digits.
   * Default false, as in PyTorch; the transport `binding` has no such setting, and there CUDA always may.
   */
  readonly tf32?: boolean;
  /** Threads for one operator. Default: the machine's physical parallelism. */
  readonly threads?: number;
  /** Default: `c-api` where it loads, else `binding`. */
  readonly transport?: Transport;
  /** Path prefix of a profile (chrome trace JSON) written when the session closes. */
  readonly profile?: string;
  /** Optimisers to leave out, e.g. common-subexpression elimination where recomputation is meant. */
  readonly disabledOptimizers?: readonly string[];
  /** Folder that external weight files of the model are relative to. */
  readonly externalDataFolder?: string;
}

const transports: readonly Transport[] = ['c-api', 'binding'];

/** The rule of each field, for options that have them among others. */
export const sessionRules = {
  device: optional(oneOf(DEVICES)),
  tf32: optional(flag),
  threads: optional(count),
  transport: optional(oneOf(transports)),
  profile: optional(text),
  disabledOptimizers: optional(listOf(text)),
  externalDataFolder: optional(text),
};

export const sessionSchema = settings<SessionOptions>(sessionRules);

export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Symbolic dimensions are strings. */
  readonly shape: readonly (number | string)[];
}

/** Named arrays: what goes into a run and what comes out. */
export type Arrays = Readonly<Record<string, NdArray>>;

/** A run whose input and output buffers are fixed: nothing is allocated or copied per call. */
export interface BoundRun {
  /** Runs once, off the main thread, reading and writing the bound buffers in place. */
  run(): Promise<void>;
  dispose(): void;
}

/** A compiled graph on one device. */
export interface Session {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly transport: Transport;
  /**
   * Runs once, off the main thread. Outputs named in `into` are written in place; the others are
   * allocated. Calls on one session are queued.
   * @throws Error naming the input when one is missing, unknown, or has a wrong dtype or shape.
   */
  run(feeds: Arrays, into?: Arrays): Promise<Record<string, NdArray>>;
  /** Fixes the buffers of every input and every output for repeated runs. An array may not be both. */
  bind(feeds: Arrays, outputs: Arrays): BoundRun;
  /**
   * Waits for runs in flight, then releases the native session; later calls do nothing.
   * @returns the path of the profile when {@link SessionOptions.profile} asked for one.
   */
  dispose(): Promise<string | undefined>;
}
