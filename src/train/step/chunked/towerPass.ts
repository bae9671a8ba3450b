import { type Arrays, input, mul, sum, type Tensor, zeros } from '../../../tensor/index.ts';
import type { ChunkedObjective, ChunkedTower } from '../../losses/chunkedObjective.ts';
import { allocate, allocateInputs, type Buffers, prefixed } from '../state/buffers.ts';
import { createPass, type SideIndex } from '../state/doubleBuffer.ts';
import { chunksOf, fillChunk, readChunk, writeChunk } from './chunks.ts';
import { accumulateAll, gradientsOf, type Parts } from './parts.ts';

/** A tower's two passes over the batch. */
export interface TowerStep {
  /** All embeddings, and where the loss leaves their gradients: [count, d]. */
  readonly embeddings: Buffers[string];
  readonly embeddingGradients: Buffers[string];
  embed(batch: Arrays, side: SideIndex): Promise<void>;
  /** Adds the parameters' gradients. */
  backward(batch: Arrays, side: SideIndex): Promise<void>;
  dispose(): Promise<void>;
}

const GIVEN = 'embedding_gradients';

/**
 * A chunk's gradients by parameters, given those by its embeddings: the gradient of ⟨embeddings, their gradients⟩ is
 * that of the loss.
 */
export function towerGradients(
  { embeddings }: ChunkedTower,
  objective: ChunkedObjective,
): Readonly<Record<string, Tensor>> {
  const given = input(GIVEN, 'float32', embeddings.shape);
  return gradientsOf(sum(mul(embeddings, given)), objective).parameters;
}

/** Compiles a tower's two passes. */
export async function createTower(tower: ChunkedTower, parts: Parts): Promise<TowerStep> {
  const { objective, sides, fixed, gradients, options } = parts;
  const [size, width] = tower.embeddings.shape as [number, number];
  const inputs = allocateInputs(tower.inputs);
  const rows = zeros('float32', [size, width]);
  const rowGradients = zeros('float32', [size, width]);
  const embeddings = zeros('float32', [tower.count, width]);
  const embeddingGradients = zeros('float32', [tower.count, width]);
  const chunks = chunksOf(tower.count, size);

  const byParameter = towerGradients(tower, objective);
  const terms = allocate(byParameter);
  const feeds = { ...inputs, ...fixed, [GIVEN]: rowGradients };
  const forward = await createPass({ rows: tower.embeddings }, sides, feeds, () => ({ rows }), options);
  // A frozen tower has no backward pass.
  const backward =
    Object.keys(byParameter).length === 0
      ? undefined
      : await createPass(
          prefixed('gradient.', byParameter),
          sides,
          feeds,
          () => prefixed('gradient.', terms),
          options,
        );
  return {
    embeddings,
    embeddingGradients,
    async embed(batch, side) {
      for (const { start } of chunks) {
        fillChunk(inputs, batch, start, tower.count);
        await forward.run(side);
        writeChunk(embeddings, rows, start);
      }
    },
    async backward(batch, side) {
      if (!backward) return;
      for (const chunk of chunks) {
        fillChunk(inputs, batch, chunk.start, tower.count);
        readChunk(rowGradients, embeddingGradients, chunk);
        await backward.run(side);
        accumulateAll(gradients, terms);
      }
    },
    async dispose() {
      await forward.dispose();
      await backward?.dispose();
    },
  };
}
