import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emojiRecipe } from '../../recipes/emoji.ts';
import { load } from '../../src/encoder/load.ts';
import type { PreparedRecipe } from '../../src/train/recipe/recipe.ts';
import { saveTrainedModel } from '../../src/train/run/saveModel.ts';
import { stageDir } from '../../src/train/run/stageTree.ts';
import { latestState } from '../../src/train/run/states.ts';
import { trainStages } from '../../src/train/run/trainStages.ts';
import type { TrainState } from '../../src/train/step/state/state.ts';

const TONES = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'];
const SOME = ['1f34e', '1f436', '1f431', '1f30d', '1f697', '2764', ...TONES.map((tone) => `270b-${tone}`)];

let folder: string;
let prepared: PreparedRecipe;
let models: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siglip2-emoji-recipe-'));
  const some = {
    cacheDir: join(folder, 'cache'),
    only: SOME,
    minimumNames: 1,
    locales: ['en', 'de', 'fr'],
    heldOut: { locales: ['fr'], conceptFraction: 0 },
  };
  prepared = await emojiRecipe(some, 4).prepare({ seed: 0, steps: 2, log: () => {} });
  models = 0;
  await trainStages(prepared.stages, {
    runDir: folder,
    saveEvery: 2,
    async onModel(stage, _, { state }) {
      models++;
      await saveTrainedModel(join(folder, 'model'), prepared, state, stage);
    },
  });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const endOf = async (stage: number): Promise<TrainState> => {
  const saved = await latestState(stageDir(folder, prepared.stages, stage));
  return saved!.state;
};

it('drawings come first, then names against them, then temperature and bias alone', async () => {
  expect(prepared.stages.map(({ name }) => name)).toEqual(['drawings', 'names', 'calibration']);
  const [drawings, names, calibration] = await Promise.all([endOf(0), endOf(1), endOf(2)]);
  const trained = (state: TrainState, prefix: string): boolean =>
    [...state.keys()].some((name) => name.startsWith(prefix));
  expect([trained(drawings, 'vision_model.'), trained(drawings, 'text_model.')]).toEqual([true, false]);
  expect([trained(names, 'vision_model.'), trained(names, 'text_model.')]).toEqual([false, true]);
  // Compared as bytes: element by element takes half a minute.
  const bytesOf = (state: TrainState, name: string) => {
    const { buffer, byteOffset, byteLength } = state.get(name)!.data;
    return Buffer.from(buffer, byteOffset, byteLength);
  };
  for (const name of [...calibration.keys()].filter((one) => one.startsWith('text_model.'))) {
    expect(bytesOf(calibration, name).equals(bytesOf(names, name)), name).toBe(true);
  }
  expect(calibration.get('logit_bias')!.data).not.toEqual(names.get('logit_bias')!.data);
});

it('ends in one model, with the first stage’s image tower, that embeds drawings and names', async () => {
  expect(models).toBe(1);
  const encoder = await load(join(folder, 'model'));
  const [texts, images] = [
    await encoder.embedTexts(['apple', 'Hund']),
    await encoder.embedImages([
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ]),
  ];
  await encoder.dispose();
  expect([texts.shape, images.shape]).toEqual([
    [2, 192],
    [1, 192],
  ]);
  for (const { data } of [texts, images]) expect(data.every(Number.isFinite)).toBe(true);
});
