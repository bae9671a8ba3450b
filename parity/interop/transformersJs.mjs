/**
 * What transformers.js makes of an exported folder, for parity/interop.py.
 *
 * Needs `npm ci --prefix bench/peers`.
 * node parity/interop/transformersJs.mjs FOLDER '{"images": [paths], "texts": [texts]}' prints {"version", "images",
 * "texts", "pipeline"}: embeddings, and the scores of the zero-shot pipeline, texts as labels.
 */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const peers = createRequire(new URL('../../bench/peers/package.json', import.meta.url));
const { AutoModel, AutoProcessor, AutoTokenizer, env, pipeline, RawImage } = await import(
  pathToFileURL(peers.resolve('@huggingface/transformers')).href
);
env.allowRemoteModels = false;

const [folder, request] = process.argv.slice(2);
const { images, texts } = JSON.parse(request);
const directory = resolve(folder);
const options = { dtype: 'fp32', device: 'cpu', local_files_only: true };

const model = await AutoModel.from_pretrained(directory, options);
const tokenizer = await AutoTokenizer.from_pretrained(directory);
const processor = await AutoProcessor.from_pretrained(directory);
const inputs = tokenizer(texts, { padding: 'max_length', truncation: true });
const read = await Promise.all(images.map((path) => RawImage.read(path)));
const { image_embeds, text_embeds } = await model({ ...inputs, ...(await processor(read)) });

const classify = await pipeline('zero-shot-image-classification', directory, options);
const pipelined = [];
for (const image of read) {
  const scores = await classify(image, texts, { hypothesis_template: '{}' });
  pipelined.push(texts.map((text) => scores.find(({ label }) => label === text).score));
}
console.log(
  JSON.stringify({
    version: env.version,
    images: image_embeds.tolist(),
    texts: text_embeds.tolist(),
    pipeline: pipelined,
  }),
);
