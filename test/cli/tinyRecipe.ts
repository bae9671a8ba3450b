import { setTimeout } from 'node:timers/promises';
import { type Arrays, float32, int32 } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { contrastiveObjective } from '../../src/train/losses/sigmoid/contrastive.ts';
import type { Recipe } from '../../src/train/recipe/recipe.ts';
import type { Stage } from '../../src/train/run/stage.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { PREPROCESSORS, smallTokenizer, tinyConfig } from './fixtures.ts';

const PAIRS = 4;
const SIDE = 16;
/** Long enough for a test to stop the run between two steps. */
const PAUSE = 20;

/** Random pictures and texts; a pure function of seed and step. */
function batchAt(seed: number, step: string, vocabSize: number): Arrays {
  const random = createRandom(seed, 'batch', step);
  const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
  const ids = int32(
    [PAIRS],
    draw(PAIRS, () => 0).map((_, i) => i),
  );
  return {
    pixel_values: float32(
      [PAIRS, 3, SIDE, SIDE],
      draw(PAIRS * 3 * SIDE * SIDE, () => random.normal()),
    ),
    input_ids: int32(
      [PAIRS, SIDE],
      draw(PAIRS * SIDE, () => Math.floor(random.next() * vocabSize)),
    ),
    image_ids: ids,
    text_ids: ids,
  };
}

/** Steps of the two stages. */
export const STAGE_STEPS = { first: 7, second: 8 } as const;

const recipe: Recipe = {
  name: 'tiny',
  description: 'Noise, for tests of the command line.',
  saveEvery: 4,
  async prepare({ seed, steps, log }) {
    log('preparing');
    const tokenizerJson = smallTokenizer();
    const vocabSize = Object.keys(tokenizerJson.model.vocab).length;
    const config = tinyConfig('fixed', vocabSize);
    const stage = (name: keyof typeof STAGE_STEPS): Stage => ({
      name,
      training: {
        objective: contrastiveObjective(config, { images: PAIRS, texts: PAIRS }),
        optimizer: { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
        schedule: { totalSteps: steps ?? STAGE_STEPS[name], warmupSteps: 2 },
        seed,
        async batchAt(step) {
          await setTimeout(PAUSE);
          return batchAt(seed, `${name} ${step}`, vocabSize);
        },
      },
    });
    return {
      config,
      tokenizerJson,
      preprocessor: PREPROCESSORS.fixed,
      stages: [stage('first'), stage('second')],
    };
  },
};

export default recipe;
