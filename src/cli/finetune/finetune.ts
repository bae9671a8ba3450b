import type { Command } from 'commander';
import { FINETUNE_DEFAULTS } from '../../train/finetune/settings.ts';
import { inRunFolder } from '../../train/run/folder.ts';
import { ANNOTATIONS, DATA, dataPaths } from '../data/dataSets.ts';
import { withColumns } from '../support/columns.ts';
import { wantsCost, withCost } from '../support/costOption.ts';
import { type CliIo, note } from '../support/io.ts';
import { withModelDirectory } from '../support/model.ts';
import {
  DATA_EXITS,
  examples,
  MAX_BAD,
  parseOptions,
  withJson,
  withMaxPatchesOption,
  withModel,
  withSession,
} from '../support/options.ts';
import { withMemoryCheck } from '../train/memoryCheck.ts';
import { RESUME } from '../train/resume.ts';
import { finetuneSchema } from './options.ts';
import { begin, describe, prepare, showCost } from './prepare.ts';
import { trainAndReport } from './run.ts';

async function run(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(finetuneSchema, raw);
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => {
    note(io, '\nstopping after this step; press again to stop at once');
    stop.abort();
  });
  try {
    await withModelDirectory(options, io, async (model) => {
      const data = await dataPaths(options.data, io);
      const prepared = await prepare(model, { ...options, data }, io);
      if (wantsCost(options)) return showCost(prepared, options, io);
      await inRunFolder(prepared.runDir, undefined, async (lock) => {
        await begin(prepared, options);
        for (const line of describe(prepared)) note(io, line);
        await trainAndReport({ ...prepared, lock }, options, stop.signal, io);
      });
    });
  } finally {
    stopListening();
  }
}

export function register(program: Command, io: CliIo): void {
  const { batch, epochs, weightDecay, maxWarmupSteps } = FINETUNE_DEFAULTS;
  const command = withModel(
    program
      .command('finetune')
      .summary('train a model further on your own images')
      .description(
        'Trains a model further on images and what they show, and evaluates it before and after on images that are held out of training. The new model is in OUTPUT/model; OUTPUT/run has the saved states, the log and report.html with the curves. The same command continues a run that was stopped, and the model is the same to the bit. That holds on the same kind of processor with as many threads (--threads); with others, and on CUDA, sums are rounded in another order.',
      ),
  )
    .requiredOption('-d, --data <paths...>', DATA)
    .option('--annotations <files...>', ANNOTATIONS)
    .requiredOption('-o, --output <dir>', 'folder of the new model (OUTPUT/model) and of the run')
    .option(
      '--validation <share|path>',
      'what to evaluate on: a share of the images, which are then not trained on, or a second folder (default: 0.1; of shards nothing)',
    )
    .option(
      '--freeze <parts>',
      'parts that are not trained: image (the image tower: LiT), text, embeddings (the token table), or several with commas (default: none)',
    )
    .option(
      '--batch <n>',
      `image–text pairs in a batch (default: an eighth of the images, from 16 to ${batch})`,
    )
    .option(
      '--chunk <n>',
      'pairs computed at once: less memory, for one more forward pass (default: as many as fit into the free memory)',
    )
    .option('--steps <n>', 'number of steps')
    .option(
      '--epochs <n>',
      `… or how often each image is seen (default: ${epochs} times, and at least 60 steps)`,
    )
    .option(
      '--learning-rate <rate>',
      'the highest one (default: by the width of the model and the number of steps; 1e-5 to 3e-4 for B)',
    )
    .option('--weight-decay <rate>', `how fast weights shrink (default: ${weightDecay})`)
    .option(
      '--warmup <n>',
      `steps until the learning rate is reached (default: a tenth, at most ${maxWarmupSteps})`,
    )
    .option('--seed <n>', 'seed of everything random (default: 0)')
    .option('--run <dir>', 'folder of the log and the saved states (default: OUTPUT/run)')
    .option('--save-every <n>', 'steps between saved states (default: a fifth of the run, at most 250)')
    .option(
      '--save-as <type>',
      'float32, float16 or bfloat16 (default: as the model stores its weights); float32, with a message, if the type cannot hold the weights',
    )
    .option(
      '--keep <which>',
      'which saved state becomes the model: best, by the held-out images, of up to ten states; or last (default: best if images are held out)',
    )
    .option('--max-bad <share>', MAX_BAD)
    .option('--resume', RESUME)
    .option('--offline', 'use only what is on disk');
  withJson(
    withMaxPatchesOption(
      withSession(withMemoryCheck(withCost(withColumns(command), 'data, steps and memory'))),
    ),
    'one JSON object a step, then one with the results before and after',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 finetune --model google/siglip2-base-patch16-224 --data birds/ --output out/birds --cost',
        'siglip2 finetune --model google/siglip2-base-patch16-224 --data birds/ --output out/birds --freeze image',
        'siglip2 finetune --model google/siglip2-base-patch16-224 --data birds/ --output out/birds --resume',
        'siglip2 finetune --data photos/ --output out/photos --batch 512 --chunk 16 --epochs 5 --validation photos-test/',
      )}\n\nCtrl-C finishes the step, saves the state and exits with code 130.\n${DATA_EXITS}`,
    )
    .action((options: Record<string, unknown>) => run(options, io));
}
