/**
 * Learns classes of your own on frozen embeddings, saves what was learnt, and uses it.
 *
 *   npx tsx examples/linearProbe.ts photos probe.safetensors [model]
 *
 * `photos` has a sub-folder a class. Prints the accuracy on a quarter of the pictures, which was not learnt from, beside
 * that of chance. The file holds one linear layer (weight [classes, d], bias [classes]) and the names of its classes.
 */
import { load } from 'siglip2';
import { heldOut, imageFolder } from 'siglip2/data';
import { classSamples, embedSamples, fitSoftmaxProbe, linearLayer, matrix } from 'siglip2/evaluate';
import { takeRows } from 'siglip2/tensor';
import { openSafetensors, writeSafetensors } from 'siglip2/train';

const LAMBDA = 1;

const [folder, file, model] = process.argv.slice(2);
if (folder === undefined || file === undefined) throw new Error('say a folder, and where to save');

const encoder = await load(model);
const data = await imageFolder(folder, { folderLabels: true });
const { samples, embeddings } = await embedSamples(encoder, { data });
await encoder.dispose();
const { names, labels } = classSamples(samples);
const tested = heldOut(
  labels.map((label) => names[label]!),
  0.25,
  0,
);
const learnt = labels.flatMap((_, row) => (tested.includes(row) ? [] : [row]));

// Learn, and save.
const targets = learnt.flatMap((row) => names.map((_, label) => (labels[row] === label ? 1 : 0)));
const features = matrix(learnt.length, encoder.width, takeRows(embeddings, learnt).data);
const probe = fitSoftmaxProbe(features, matrix(learnt.length, names.length, targets), LAMBDA);
await writeSafetensors(file, { ...linearLayer(probe) }, { metadata: { classes: JSON.stringify(names) } });

// Open it again, and use it.
const saved = await openSafetensors(file);
const [weight, bias] = [await saved.readFloat32('weight'), await saved.readFloat32('bias')];
await saved.close();
function classOf(row: number): number {
  const feature = takeRows(embeddings, [row]).data;
  const scores = Array.from(bias.data, (b, k) =>
    feature.reduce((sum, x, i) => sum + x * weight.data[k * feature.length + i]!, b),
  );
  return scores.indexOf(Math.max(...scores));
}
const right = tested.filter((row) => classOf(row) === labels[row]).length;
console.log(`${right} of ${tested.length} right; by chance ${(tested.length / names.length).toFixed(1)}`);
