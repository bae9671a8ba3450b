import { describe, expect, it } from 'vitest';
import { graphFlops } from '../../src/tensor/cost/flops.ts';
import { stepFlops, stepMemory } from '../../src/train/cost/stepCost.ts';
import { chunkedContrastiveObjective } from '../../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../../src/train/losses/sigmoid/contrastive.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { tinyConfig } from '../cli/fixtures.ts';
import { expectPlanned } from '../train/cost/expectPlanned.ts';
import { FIRST, ROWS, regression } from '../train/regression.ts';

describe('a planned step', () => {
  // Measured 1.1 … 1.35 of the plan: four sessions with an allocator each and the host's copies. The full suite has one
  // without chunks too.
  it('in chunks takes the memory that was planned', () => expectPlanned(48, 16, 70e6));

  it('in chunks needs memory that does not grow with the batch, but for the embeddings', () => {
    const config = tinyConfig('fixed', 50);
    const plan = (batch: number) =>
      stepMemory(
        chunkedContrastiveObjective(
          config,
          { images: batch, texts: batch },
          { images: 4, texts: 4, logits: 64 },
        ),
        PAPER_OPTIMIZER,
      );
    const [small, large] = [plan(32), plan(64)];
    expect(large.batch).toBe(2 * small.batch);
    expect(large.secondBuffer).toBe(small.secondBuffer);
    // Two embeddings with their gradients, and a block's gradient by all texts with what it is made of.
    const width = config.text.projectionSize;
    expect(large.activations - small.activations).toBeLessThan(8 * 32 * 4 * width);
    const step = (batch: number) =>
      stepMemory(contrastiveObjective(config, { images: batch, texts: batch }), PAPER_OPTIMIZER);
    expect(step(64).activations - step(32).activations).toBeGreaterThan(20 * 32 * 4 * width);
  });

  it('in chunks does a forward pass more', () => {
    const config = tinyConfig('fixed', 50);
    const size = { images: 8, texts: 8 };
    const objective = contrastiveObjective(config, size);
    const chunked = stepFlops(chunkedContrastiveObjective(config, size, { images: 2, texts: 4 }));
    expect(chunked - stepFlops(objective)).toBeGreaterThan(0);
    // Everything but the loss's products, a few of 8 × 8 × d, is a tower's.
    const extra = (chunked - stepFlops(objective)) / graphFlops([objective.loss]);
    expect(extra).toBeCloseTo(1, 1);
  });

  it('counts parameters, moments, what is carried and what is frozen', () => {
    const A = 3 * 4 * 4;
    const B = 4 * 2 * 4;
    const carried = B + 4;
    const objective = regression();
    expect(stepMemory(objective, PAPER_OPTIMIZER)).toMatchObject({
      parameters: A + B,
      moments: 2 * (A + B),
      carried,
      secondBuffer: 3 * (A + B) + carried,
      gradients: A + B,
      batch: ROWS * (3 + 2) * 4,
    });
    const frozen = { ...objective, frozen: (name: string) => name === FIRST };
    const memory = stepMemory(frozen, PAPER_OPTIMIZER);
    expect(memory).toMatchObject({
      parameters: A + B,
      moments: 2 * B,
      secondBuffer: 3 * B + carried,
      gradients: B,
    });
    const { total, ...parts } = memory;
    expect(total).toBe(Object.values(parts).reduce((a, b) => a + b));
  });

  it('holds a table that is updated by rows once, and a batch of its rows twice', () => {
    const config = tinyConfig('fixed', 100_000);
    const objective = contrastiveObjective(config, { images: 2, texts: 2 });
    const dense = stepMemory(objective, PAPER_OPTIMIZER, false);
    const sparse = stepMemory(objective, PAPER_OPTIMIZER, true);
    const row = 4 * config.text.hiddenSize;
    const slots = 2 * config.text.length;
    expect(dense.parameters).toBe(sparse.parameters);
    expect(dense.moments).toBe(sparse.moments);
    expect(dense.gradients - sparse.gradients).toBe((100_000 - slots) * row);
    expect(dense.secondBuffer - sparse.secondBuffer).toBe((3 * 100_000 - 6 * slots) * row);
    expect(sparse.activations).toBeLessThan(100_000 * row);
  });

  it('does the products of forward and backward pass, fewer where a parameter is frozen', () => {
    const first = 2 * ROWS * 3 * 4;
    const second = 2 * ROWS * 4 * 2;
    // Forward x·A and ·B; backward dB, and through B to dA.
    expect(stepFlops(regression())).toBe(2 * first + 3 * second);
    expect(stepFlops({ ...regression(), frozen: (name) => name === FIRST })).toBe(first + 2 * second);
  });
});
