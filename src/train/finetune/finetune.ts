import { join } from 'node:path';
import { CheckpointError } from '../../checkpoint/files/errors.ts';
import type { ModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { withCaptionIds } from '../../data/batches/captionIds.ts';
import { pairBatches } from '../../data/batches/pairBatches.ts';
import { filePositions } from '../../data/batches/positions.ts';
import type { Tally } from '../../data/samples/tally.ts';
import type { Source } from '../../data/sources/source.ts';
import { indexedStream } from '../../data/streams/indexedStream.ts';
import { shardedStream } from '../../data/streams/shardedStream.ts';
import { loadTokenizer, type TextTokenizer } from '../../input/text/tokenizer/loadTokenizer.ts';
import { check, object, optional, settings as settingsOf } from '../../tensor/settings.ts';
import type { HeldOut } from '../run/best/keepBest.ts';
import { type TrainOptions, type TrainResult, train, trainOptionRules } from '../run/trainer.ts';
import { startingState } from '../step/state/startingState.ts';
import { finetuneObjective } from './objective.ts';
import { type FinetuneSettings, finetuneOptimizer, finetuneSchema } from './settings.ts';

/** File of a run that says where in the data its steps begin. */
export const POSITIONS = 'positions.jsonl';

export interface FinetuneOptions extends TrainOptions {
  /** Counts images that can't be read; throws when they are too many. */
  readonly tally?: Tally;
  /** Measures the model on the way, so that the best is kept beside the last. Default: only the last is kept. */
  readonly heldOut?: HeldOut;
}

const optionsSchema = settingsOf<FinetuneOptions>({
  ...trainOptionRules,
  tally: optional(object('a tally')),
  heldOut: optional(object('what measures the model')),
});

/**
 * Checks that a model has what fine-tuning needs, and loads its tokenizer.
 * @throws CheckpointError naming the file that is missing or the field that does not fit
 */
export async function openTokenizer(model: ModelDirectory): Promise<TextTokenizer> {
  const { config, path, preprocessor, tokenizerPath } = model;
  if (tokenizerPath === undefined)
    throw new CheckpointError(path, 'has no tokenizer.json; add the one of the released checkpoints');
  if (config.vision.kind === 'fixed' && preprocessor.kind === 'fixed') {
    const { imageSize } = config.vision;
    const { height, width } = preprocessor;
    if (height !== imageSize || width !== imageSize) {
      throw new CheckpointError(
        path,
        `preprocessor_config.json makes images of ${height} × ${width}, config.json's vision_config.image_size is ` +
          `${imageSize}; make them equal`,
      );
    }
  }
  const { length, vocabSize } = config.text;
  const tokenizer = await loadTokenizer(tokenizerPath, { length, vocabSize });
  if (tokenizer.vocabSize > config.text.vocabSize) {
    throw new CheckpointError(
      tokenizerPath,
      `has ${tokenizer.vocabSize} pieces, but config.json says vocab_size ${config.text.vocabSize}; use this model's tokenizer`,
    );
  }
  return tokenizer;
}

/**
 * Trains a model further on image–text pairs by the sigmoid loss, continuing a run that was stopped. Images with the
 * same text count as matching it. What is frozen gets neither gradient nor moments; a large token table that is
 * trained is updated row by row (see `StepOptions`). Nothing is written but the run's folder: see {@link saveFinetuned}.
 * @throws CheckpointError when the model lacks a file; what `train` and reading the data throw
 * @example
 * const model = await openModelDirectory(EMBEDDED_MODEL);
 * const { freeze, weightDecay, seed } = FINETUNE_DEFAULTS;
 * const settings = { freeze, weightDecay, seed, batch: 32, chunk: 8, steps: 100, learningRate: 1e-5, warmupSteps: 10 };
 * const { state } = await finetune(model, await imageFolder('photos'), settings, { runDir: 'out/run', saveEvery: 50 });
 * await saveFinetuned('out/model', model, state);
 */
export async function finetune(
  model: ModelDirectory,
  data: Source,
  settings: FinetuneSettings,
  finetuneOptions: FinetuneOptions,
): Promise<TrainResult> {
  check('finetune', finetuneSchema, settings);
  check('options', optionsSchema, finetuneOptions);
  const { tally, heldOut, ...options } = finetuneOptions;
  const { batch, seed, steps, warmupSteps } = settings;
  const tokenizer = await openTokenizer(model);
  const stream = data.kind === 'indexed' ? indexedStream(data, { seed }) : shardedStream(data, { seed });
  const batches = pairBatches(stream, {
    seed,
    tokenizer,
    shape: { images: batch, preprocessing: model.preprocessor },
    decode: { background: model.preprocessor.background },
    positions: await filePositions(join(options.runDir, POSITIONS), stream.identity),
    ...(tally && { tally }),
  });
  try {
    return await train(
      {
        objective: finetuneObjective(model, settings),
        optimizer: finetuneOptimizer(settings),
        schedule: { totalSteps: steps, warmupSteps },
        seed,
        batchAt: async (step) => withCaptionIds((await batches.batchAt(step)).arrays),
        initial: () => startingState(model),
        ...(heldOut && { heldOut }),
      },
      options,
    );
  } finally {
    await batches.close();
  }
}
