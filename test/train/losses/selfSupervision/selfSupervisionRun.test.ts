import { describe, expect, it } from 'vitest';
import type { FixedVisionConfig } from '../../../../src/model/config.ts';
import { type Arrays, float32 } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { drawMaskedPositions } from '../../../../src/train/losses/selfSupervision/maskedPositions.ts';
import { selfSupervision } from '../../../../src/train/losses/selfSupervision/selfSupervision.ts';
import { paperSelfSupervision } from '../../../../src/train/losses/selfSupervision/settings.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { initialState } from '../../../../src/train/step/state/state.ts';
import { createDenseStep } from '../../../../src/train/step/step.ts';

const CONFIG: FixedVisionConfig = {
  kind: 'fixed',
  hiddenSize: 16,
  intermediateSize: 32,
  layers: 1,
  heads: 2,
  layerNormEps: 1e-6,
  patchSize: 4,
  channels: 3,
  imageSize: 16,
  numPatches: 16,
  useHead: true,
};
const [PICTURES, VIEWS, LOCAL, PROTOTYPES] = [6, 4, 8, 32];

/** Pictures are waves, each with its own frequency, direction and colour; a view looks at a part of one. */
function view(picture: number, top: number, left: number, scale: number, size: number): number[] {
  const random = createRandom(3, 'picture', picture);
  const wave = [random.uniform(0.2, 1.2), random.uniform(0.2, 1.2)] as const;
  return [0, 1, 2].flatMap(() => {
    const phase = random.uniform(0, 6);
    return Array.from({ length: size * size }, (_, i) => {
      const [y, x] = [top + Math.floor(i / size) * scale, left + (i % size) * scale];
      return Math.sin(wave[0] * y + wave[1] * x + phase);
    });
  });
}

function batchAt(step: number): Arrays {
  const random = createRandom(4, 'step', step);
  const pictures = Array.from({ length: PICTURES }, (_, i) => i);
  const local = pictures.flatMap((picture) =>
    Array.from({ length: VIEWS }, () =>
      view(picture, random.uniform(0, 10), random.uniform(0, 10), 0.75, LOCAL),
    ),
  );
  const global = pictures.map((picture) =>
    view(picture, random.uniform(0, 3), random.uniform(0, 3), 0.8, 16),
  );
  return {
    global_views: float32([PICTURES, 3, 16, 16], global.flat()),
    local_views: float32([PICTURES * VIEWS, 3, LOCAL, LOCAL], local.flat()),
    masked_positions: drawMaskedPositions(createRandom(4, 'mask', step), PICTURES, CONFIG.numPatches),
  };
}

interface Variation {
  readonly teacherMomentum?: number;
  readonly centreMomentum?: number;
}

/** The metrics of every step. */
async function run(steps: number, { teacherMomentum = 0.966, centreMomentum = 0.9 }: Variation = {}) {
  const head = { layers: 3, hiddenSize: 24, bottleneckSize: 12, prototypes: PROTOTYPES };
  const settings = paperSelfSupervision(CONFIG, 'so400m', head);
  const objective = selfSupervision(CONFIG, PICTURES, {
    ...settings,
    teacherMomentum,
    selfDistillation: { ...settings.selfDistillation, centreMomentum, views: VIEWS, localSize: LOCAL },
    maskedPrediction: { ...settings.maskedPrediction, centreMomentum },
  });
  const optimizer = { ...PAPER_OPTIMIZER, learningRate: 3e-3 };
  const step = await createDenseStep(objective, optimizer, initialState(objective, 1), { threads: 1 });
  const results: Readonly<Record<string, number>>[] = [];
  for (let i = 0; i < steps; i++) results.push((await step.run(batchAt(i), i, 1)).metrics);
  await step.dispose();
  return results;
}

const STEPS = 50;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Both losses with the entropies of their teachers. */
const PAIRS = [
  ['selfDistillation', 'teacherEntropy'],
  ['maskedPrediction', 'patchTeacherEntropy'],
] as const;

describe('a short run', () => {
  it('approaches a teacher that stands still', async () => {
    const results = await run(STEPS, { teacherMomentum: 1 });
    for (const [loss, entropy] of PAIRS) {
      // What the student could still gain: cross-entropy less entropy. It was half of the start's with some noise.
      const gaps = results.map((metrics) => metrics[loss]! - metrics[entropy]!);
      expect(Math.min(...gaps), loss).toBeGreaterThan(0);
      expect(mean(gaps.slice(-10)), loss).toBeLessThan(0.65 * gaps[0]!);
    }
  });

  it('follows a teacher that moves, which neither chooses one prototype for all nor all alike', async () => {
    const results = await run(STEPS);
    for (const [loss, entropy] of PAIRS) {
      expect(mean(results.slice(-10).map((metrics) => metrics[loss]!)), loss).toBeLessThan(
        0.65 * results[0]![loss]!,
      );
      for (const metrics of results.slice(-30)) {
        expect(metrics[entropy]!, entropy).toBeGreaterThan(0.05 * Math.log(PROTOTYPES));
        expect(metrics[entropy]!, entropy).toBeLessThan(0.95 * Math.log(PROTOTYPES));
      }
    }
  });

  it('collapses where the centre does not move: it is centring that holds the teacher', async () => {
    const results = await run(STEPS, { centreMomentum: 1 });
    for (const [, entropy] of PAIRS) expect(results.at(-1)![entropy]!).toBeLessThan(0.01);
  });
});
