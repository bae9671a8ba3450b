import {
  type Arrays,
  compile,
  type NdArray,
  type SessionOptions,
  type Tensor,
} from '../../../tensor/index.ts';
import { type Buffers, read } from './buffers.ts';

/**
 * Two sets of the arrays that steps change. A step reads one and writes the other, as the runtime must not write where
 * it reads.
 */
export type DoubleBuffer = readonly [Buffers, Buffers];
export type SideIndex = 0 | 1;

export const otherBuffer = (side: SideIndex): SideIndex => (side === 0 ? 1 : 0);

/** A compiled graph with its buffers, which reads the arrays of either side. */
export interface Pass {
  run(side: SideIndex): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Compiles a graph.
 * @param feeds arrays that it may read besides those of a side
 * @param targets where each output goes, for the side that is read
 */
export async function createPass(
  outputs: Readonly<Record<string, Tensor>>,
  sides: DoubleBuffer,
  feeds: Arrays,
  targets: (side: SideIndex) => Readonly<Record<string, NdArray>>,
  options: SessionOptions,
): Promise<Pass> {
  const session = await compile({ outputs }, options);
  const bind = (side: SideIndex) => session.bind(read(session, { ...feeds, ...sides[side] }), targets(side));
  const runs = [bind(0), bind(1)] as const;
  return {
    run: (side) => runs[side].run(),
    async dispose() {
      for (const run of runs) run.dispose();
      await session.dispose();
    },
  };
}
