import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoccaExample, loccaBatch } from '../../src/data/batches/loccaBatch.ts';
import { type Captioner, loadCaptioner } from '../../src/encoder/captioner.ts';
import { imageFeeds } from '../../src/input/image/imageSource.ts';
import { fixedPreprocessing } from '../../src/input/image/preprocessing.ts';
import type { RgbImage } from '../../src/input/image/rgbImage.ts';
import { LOCCA_FORMAT } from '../../src/input/text/locca/format.ts';
import { loadTokenizer } from '../../src/input/text/tokenizer/loadTokenizer.ts';
import type { FixedVisionConfig, ModelConfig } from '../../src/model/config.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { twoTowers } from '../../src/model/twoTowers.ts';
import type { Arrays } from '../../src/tensor/index.ts';
import { locca } from '../../src/train/losses/locca/locca.ts';
import type { Objective } from '../../src/train/losses/objective.ts';
import { saveTrainedModel } from '../../src/train/run/saveModel.ts';
import { createStep } from '../../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { initialState, type TrainState } from '../../src/train/step/state/state.ts';
import { temporaryDirectory } from '../checkpoint/temporary.ts';
import { saveTinyModel } from '../server/tinyModel.ts';
import { tinyTokenizer } from '../server/tinyTokenizer.ts';

const SIDE = 16;
const preprocessor = fixedPreprocessing(SIDE);
const tokenizerJson = tinyTokenizer();
const tower = { hiddenSize: 24, intermediateSize: 32, layers: 1, heads: 2, layerNormEps: 1e-6 };
const vision: FixedVisionConfig = {
  ...tower,
  kind: 'fixed',
  imageSize: SIDE,
  patchSize: 8,
  channels: 3,
  numPatches: 4,
  useHead: true,
};
const config: ModelConfig = {
  vision,
  text: { ...tower, vocabSize: Object.keys(tokenizerJson.model.vocab).length, length: 8, projectionSize: 24 },
};
const decoder = { config: loccaDecoderConfig(config, { length: 32 }), format: LOCCA_FORMAT };

type RGB = readonly [number, number, number];

/** A quarter of one colour on another. */
function quarter(top: boolean, left: boolean, colour: RGB, ground: RGB): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [y, x] = [Math.floor(i / SIDE), i % SIDE];
    data.set(y < 8 === top && x < 8 === left ? colour : ground, 3 * i);
  }
  return { width: SIDE, height: SIDE, data };
}

const box = (y: number, x: number) => ({ y1: y / 2, x1: x / 2, y2: (y + 1) / 2, x2: (x + 1) / 2 });
const EXAMPLES = [
  { image: quarter(true, true, [255, 0, 0], [0, 0, 0]), caption: 'a cat', name: 'cat', box: box(0, 0) },
  {
    image: quarter(true, false, [0, 0, 255], [255, 255, 255]),
    caption: 'the hen',
    name: 'hen',
    box: box(0, 1),
  },
  {
    image: quarter(false, true, [255, 255, 0], [0, 128, 0]),
    caption: 'ten tea',
    name: 'tea',
    box: box(1, 0),
  },
];

/** Trains a vision tower and a decoder until they know the three images by heart. */
async function overfit(steps: number): Promise<{ state: TrainState; losses: number[] }> {
  const model = twoTowers(config, { images: EXAMPLES.length, texts: 1 });
  const part = locca(model.vision, decoder.config, {}, model.parameters);
  const { input_ids: _, ...inputs } = model.inputs;
  const objective: Objective = {
    parameters: part.parameters,
    inputs: { ...inputs, ...part.inputs },
    loss: part.loss,
    metrics: part.metrics,
    // The sigmoid loss is not part of this test.
    frozen: (name) => name.startsWith('text_model') || name.startsWith('logit') || name.includes('.head.'),
  };
  const tokenizer = await loadTokenizer(tokenizerJson);
  const images = imageFeeds(
    EXAMPLES.map(({ image }) => image),
    preprocessor,
  );
  // The same words for another box in every image: the answer is in the image alone.
  const examples = EXAMPLES.map(
    ({ caption, name, box }): LoccaExample => ({
      caption,
      referring: { caption: 'thing', box },
      groundedCaptioning: { caption: name, box },
    }),
  );
  const optimizer = { ...PAPER_OPTIMIZER, learningRate: 1e-2 };
  const start = initialState(objective, 1);
  const step = await createStep(objective, optimizer, start, { threads: 1 });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const batch: Arrays = {
      ...images,
      ...loccaBatch(examples, tokenizer, { seed: 1, length: decoder.config.length }, i),
    };
    const { loss } = await step.run(batch, i, 0.5 * (1 + Math.cos((Math.PI * i) / steps)));
    losses.push(loss);
  }
  const state = new Map([...start, ...step.state()]);
  await step.dispose();
  return { state, losses };
}

describe('a decoder that has learnt three images by heart', () => {
  let captioner: Captioner;
  let losses: number[];
  beforeAll(async () => {
    const trained = await overfit(160);
    losses = trained.losses;
    const directory = await temporaryDirectory();
    const recipe = { stages: [] as never, config, preprocessor, tokenizerJson, decoder };
    await saveTrainedModel(directory, recipe, trained.state);
    captioner = await loadCaptioner(directory, { threads: 1 });
  }, 60_000);
  afterAll(() => captioner.dispose());

  it('started from a loss of ln V per task and came near 0', () => {
    // The vocabulary projection starts at zero: the first loss is exactly that of guessing.
    expect(losses[0]).toBeCloseTo(3 * Math.log(config.text.vocabSize), 3);
    expect(losses.at(-1)).toBeLessThan(0.5);
  });

  it.each([1, 3])('captions, with %i beams', async (beams) => {
    const written = await captioner.caption(
      EXAMPLES.map(({ image }) => image),
      { beams },
    );
    expect(written.map(({ text }) => text)).toEqual(EXAMPLES.map(({ caption }) => caption));
    for (const { logProbability, ended } of written) {
      expect(ended).toBe(true);
      expect(Math.exp(logProbability)).toBeGreaterThan(0.5);
    }
  });

  it('finds the box of a text', async () => {
    for (const { image, box } of EXAMPLES) {
      const [found] = await captioner.refer(image, ['thing']);
      expect(found!.box).toEqual(box);
      expect(found!.text).toMatch(/^\d+ \d+ \d+ \d+$/);
    }
  });

  it('says what is in a box', async () => {
    for (const { image, name, box } of EXAMPLES) {
      const [found] = await captioner.describe(image, [box], { beams: 2 });
      expect(found!.text).toBe(name);
    }
  });

  it('stops at the limit, and says so', async () => {
    const [cut] = await captioner.caption([EXAMPLES[1]!.image], { maxTokens: 2 });
    expect(cut!.ended).toBe(false);
    expect('the hen'.startsWith(cut!.text)).toBe(true);
    expect(await captioner.refer(EXAMPLES[0]!.image, [])).toEqual([]);
  });
});

it('a model without a decoder is refused', async () => {
  const directory = await temporaryDirectory();
  await saveTinyModel(directory);
  await expect(loadCaptioner(directory, { threads: 1 })).rejects.toThrow(/has no decoder/);
});
