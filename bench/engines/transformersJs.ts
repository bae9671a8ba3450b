import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { pixels, tokenIds } from '../inputs.ts';
import { serve } from './serve.ts';
import { type Settings, type Task, type Tasks, task } from './task.ts';

interface PeerTensor {
  readonly data: ArrayLike<number>;
}
interface PeerModel {
  (inputs: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, PeerTensor>>>;
  dispose(): Promise<unknown>;
}
interface Pretrained<T> {
  from_pretrained(directory: string, options?: Readonly<Record<string, unknown>>): Promise<T>;
}
type Tokenizer = (
  texts: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, PeerTensor>>;
type Processor = (image: unknown) => Promise<Readonly<Record<string, PeerTensor>>>;

/** The part of transformers.js 4 that is measured. It is installed apart, so its own types are not at hand. */
interface TransformersJs {
  readonly env: { allowRemoteModels: boolean };
  readonly Tensor: new (dtype: string, data: unknown, shape: readonly number[]) => PeerTensor;
  readonly RawImage: { read(path: string): Promise<unknown>; fromBlob(blob: Blob): Promise<unknown> };
  readonly AutoTokenizer: Pretrained<Tokenizer>;
  readonly AutoProcessor: Pretrained<Processor>;
  readonly SiglipVisionModel: Pretrained<PeerModel>;
  readonly SiglipTextModel: Pretrained<PeerModel>;
}

const { resolve } = createRequire(new URL('../peers/package.json', import.meta.url));
const peer = (await import(
  pathToFileURL(resolve('@huggingface/transformers')).href
)) as unknown as TransformersJs;
peer.env.allowRemoteModels = false;

const modelOptions = (threads: number) => ({
  dtype: 'fp32',
  device: 'cpu',
  local_files_only: true,
  session_options: { intraOpNumThreads: threads },
});

const visionModel = (directory: string, threads: number) =>
  peer.SiglipVisionModel.from_pretrained(directory, modelOptions(threads));
const textModel = (directory: string, threads: number) =>
  peer.SiglipTextModel.from_pretrained(directory, modelOptions(threads));

/** The tower's own output is not unit-length; ours is. */
function normalised({ pooler_output }: Readonly<Record<string, PeerTensor>>): number[] {
  const data = Array.from(pooler_output!.data);
  const columns = width(pooler_output!);
  const row = (index: number): number[] => {
    const values = data.slice(index * columns, (index + 1) * columns);
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  };
  return Array.from({ length: data.length / columns }, (_, index) => row(index)).flat();
}

const dimsSchema = z.object({ dims: z.array(z.number()) });
const width = (tensor: PeerTensor): number => dimsSchema.parse(tensor).dims.at(-1)!;

async function imageTask({ directory, batch, side, threads }: Settings<'image'>): Promise<Task> {
  const model = await visionModel(directory, threads);
  const { data, shape } = pixels(batch, side);
  const pixel_values = new peer.Tensor('float32', data, shape);
  return {
    async run() {
      const output = await model({ pixel_values });
      return () => normalised(output);
    },
    dispose: async () => void (await model.dispose()),
  };
}

async function textTask({ directory, batch, length, vocabSize, threads }: Settings<'text'>): Promise<Task> {
  const model = await textModel(directory, threads);
  const { data, shape } = tokenIds(batch, length, vocabSize);
  const input_ids = new peer.Tensor(
    'int64',
    BigInt64Array.from(data, (id) => BigInt(id)),
    shape,
  );
  return {
    async run() {
      const output = await model({ input_ids });
      return () => normalised(output);
    },
    dispose: async () => void (await model.dispose()),
  };
}

const tokenizerOptions = { padding: 'max_length', truncation: true };

async function loadTask({ directory, picture, threads }: Settings<'load'>): Promise<Task> {
  const options = { local_files_only: true };
  const tokenizer = await peer.AutoTokenizer.from_pretrained(directory, options);
  const processor = await peer.AutoProcessor.from_pretrained(directory, options);
  const vision = await visionModel(directory, threads);
  const text = await textModel(directory, threads);
  return {
    async run() {
      const images = await vision(await processor(await peer.RawImage.read(picture)));
      const texts = await text(tokenizer(['a cat on a mat'], tokenizerOptions));
      return () => [...normalised(images), ...normalised(texts)];
    },
  };
}

async function preprocessTask({ directory, picture }: Settings<'preprocess'>): Promise<Task> {
  const processor = await peer.AutoProcessor.from_pretrained(directory, { local_files_only: true });
  const blob = new Blob([new Uint8Array(await readFile(picture))]);
  return {
    async run() {
      const { pixel_values } = await processor(await peer.RawImage.fromBlob(blob));
      return () => pixel_values!.data;
    },
  };
}

async function tokenizeTask({ directory, texts }: Settings<'tokenize'>): Promise<Task> {
  const tokenizer = await peer.AutoTokenizer.from_pretrained(directory, { local_files_only: true });
  const strings = z.array(z.string()).parse(JSON.parse(await readFile(texts, 'utf8')));
  return {
    async run() {
      const { input_ids } = tokenizer(strings, tokenizerOptions);
      // 64-bit integers, which JSON does not know.
      return () => Array.from(input_ids!.data, Number);
    },
  };
}

export const tasks: Tasks = {
  image: task('image', imageTask),
  text: task('text', textTask),
  load: task('load', loadTask),
  preprocess: task('preprocess', preprocessTask),
  tokenize: task('tokenize', tokenizeTask),
};

await serve(tasks);
