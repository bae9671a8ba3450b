import {
  classSamples,
  type DataOptions,
  dataRules,
  embedSamples,
  registerEvaluator,
  shareInterval,
} from 'siglip2/evaluate';

/** The number of the row that is most like an embedding. @param rows one after the other */
function nearest(embedding: Float32Array, rows: Float32Array): number {
  const width = embedding.length;
  const cosine = (row: number) =>
    embedding.reduce((sum, value, k) => sum + value * rows[row * width + k]!, 0);
  const all = Array.from({ length: rows.length / width }, (_, row) => cosine(row));
  return all.indexOf(Math.max(...all));
}

/** How often the name of its class is nearest to an image, for each class, and the mean over classes. */
export const perClass = registerEvaluator<DataOptions>({
  name: 'per-class',
  description: 'Accuracy on each class of images sorted into classes, and its mean over classes.',
  options: dataRules,

  async *run(encoder, options) {
    // Images that cannot be read are counted and left out.
    const { samples, embeddings } = await embedSamples(encoder, options);
    const { names, labels } = classSamples(samples);
    const classes = await encoder.embedLabels(names);
    const isRight = labels.map((label, i) => {
      const embedding = embeddings.data.subarray(i * encoder.width, (i + 1) * encoder.width);
      return nearest(embedding, classes.data) === label;
    });
    const chance = 1 / names.length;
    let sum = 0;
    for (const [label, name] of names.entries()) {
      const own = isRight.filter((_, i) => labels[i] === label);
      const value = own.filter(Boolean).length / own.length;
      const interval = shareInterval(value, own.length);
      yield { metric: `accuracy/${name}`, value, interval, chance, count: own.length };
      sum += value;
    }
    yield { metric: 'accuracy', value: sum / names.length, chance, count: labels.length };
  },
});
