/**
 * Fine-tunes a model on pictures in folders whose names say what they show.
 *
 *   npx tsx examples/finetune.ts photos out/photos [steps] [model]
 *
 * Prints the loss as it goes, and where the model is: every program and command takes it by that folder. A run that was
 * stopped goes on with the same command. `siglip2 finetune` does more: it chooses the settings by your data, and measures
 * the model before and after.
 */
import { join } from 'node:path';
import { EMBEDDED_MODEL, openModelDirectory, resolveModel } from 'siglip2';
import { imageFolder } from 'siglip2/data';
import { FINETUNE_DEFAULTS, finetune, saveFinetuned } from 'siglip2/train';

const [folder, output, steps = '60', name = EMBEDDED_MODEL] = process.argv.slice(2);
if (folder === undefined || output === undefined) throw new Error('say a folder, and where the model goes');

const model = await openModelDirectory(await resolveModel(name));
const data = await imageFolder(folder, { folderLabels: true });
const { state, step } = await finetune(
  model,
  data,
  {
    freeze: [],
    batch: 16,
    chunk: 16,
    steps: Number(steps),
    learningRate: 1e-4,
    weightDecay: FINETUNE_DEFAULTS.weightDecay,
    warmupSteps: Math.ceil(0.1 * Number(steps)),
    seed: 0,
  },
  {
    runDir: join(output, 'run'),
    saveEvery: 100,
    onProgress: ({ step, loss }) => console.log(`step ${step}: loss ${loss.toFixed(3)}`),
  },
);
await saveFinetuned(join(output, 'model'), model, state, undefined, step);
await model.weights.close();
console.log(`the model is in ${join(output, 'model')}`);
