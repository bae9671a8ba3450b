import { sceneBatches } from '../../src/data/emoji/scenes/batches.ts';
import type { Captioner } from '../../src/encoder/captioner.ts';
import type { Locate, ReferringQuestion } from '../../src/evaluate/sceneReferring.ts';
import type { Box } from '../../src/input/image/box.ts';
import type { RgbImage } from '../../src/input/image/rgbImage.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { type LoccaDecoderConfig, loccaDecoderConfig } from '../../src/model/loccaConfig.ts';
import { LOCCA_DECODER } from '../../src/model/loccaDecoder.ts';
import { visionInputs, visionTower } from '../../src/model/twoTowers.ts';
import { type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { locca } from '../../src/train/locca.ts';
import type { Objective } from '../../src/train/objective.ts';
import { PAPER_OPTIMIZER } from '../../src/train/optimizer.ts';
import type { ModelFiles, Stage } from '../../src/train/recipe.ts';
import { decoderArrays } from './batches.ts';
import type { MiniatureData } from './data.ts';
import type { MiniatureSettings } from './settings.ts';

/** The decoder that is trained on frozen image tokens: the same for every variant. */
export const referringDecoder = (config: ModelConfig, settings: MiniatureSettings): LoccaDecoderConfig =>
  loccaDecoderConfig(config, { layers: settings.referring.layers, length: settings.decoder.length });

/** The decoder's loss on boxes alone; the vision tower stays as it is. */
export function referringObjective(
  config: ModelConfig,
  decoder: LoccaDecoderConfig,
  images: number,
): Objective {
  const parameters: ParameterTable = new Map();
  const inputs = visionInputs(config.vision, images);
  const { tokens } = visionTower(parameterScope(parameters), inputs, config.vision);
  // The tower has declared its pooling too, which nothing here reads.
  for (const name of [...parameters.keys()]) {
    if (name.startsWith('vision_model.head.')) parameters.delete(name);
  }
  const mask = 'pixel_attention_mask' in inputs ? inputs.pixel_attention_mask : undefined;
  const part = locca({ tokens, ...(mask && { mask }) }, decoder, { tasks: ['referring'] }, parameters);
  return {
    parameters,
    inputs: { ...inputs, ...part.inputs },
    loss: part.loss,
    metrics: part.metrics,
    frozen: (name) => !name.startsWith(`${LOCCA_DECODER}.`),
  };
}

/** Trains the decoder after a variant's encoder. Whatever decoder came with it is not used. */
export function referringStage(
  { config, preprocessor }: ModelFiles,
  data: MiniatureData,
  settings: MiniatureSettings,
  seed: number,
  steps = settings.referring.steps,
): Stage {
  const { batch, referring } = settings;
  const scenes = sceneBatches(data.trainScenes(seed), data.tokenizer, {
    seed,
    images: batch,
    textsPerImage: 1,
    preprocessing: preprocessor,
  });
  const decoder = referringDecoder(config, settings);
  return {
    name: 'referring',
    plan: {
      objective: referringObjective(config, decoder, batch),
      optimizer: { ...PAPER_OPTIMIZER, learningRate: referring.learningRate },
      schedule: { totalSteps: steps, warmupSteps: Math.round(steps / 20) },
      seed,
      batchAt(step) {
        const drawn = scenes(step);
        const { input_ids: _ids, image_ids: _images, text_ids: _texts, ...vision } = drawn.arrays;
        const options = { seed, length: decoder.length, tasks: ['referring'], learn: 'answer' } as const;
        return { ...vision, ...decoderArrays(drawn, data, options, step) };
      },
    },
  };
}

/** Answers by generating `ARef`, greedily; each picture is looked at once. */
export const locateWith =
  (captioner: Pick<Captioner, 'refer'>): Locate =>
  async (questions) => {
    const byImage = new Map<RgbImage, ReferringQuestion[]>();
    for (const question of questions)
      byImage.set(question.image, [...(byImage.get(question.image) ?? []), question]);
    const answers = new Map<ReferringQuestion, Box | undefined>();
    for (const [image, asked] of byImage) {
      const written = await captioner.refer(
        image,
        asked.map(({ text }) => text),
      );
      asked.forEach((question, i) => {
        answers.set(question, written[i]!.box);
      });
    }
    return questions.map((question) => answers.get(question));
  };
