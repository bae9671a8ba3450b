import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { writeSafetensors } from '../checkpoint/safetensors-writer.ts';
import type { Embeddings, Encoder } from '../encoder.ts';
import { ndarray } from '../tensor/index.ts';
import { UsageError } from './errors.ts';
import { expandImages, readLines } from './inputs.ts';
import { type CliIo, note, print, printJson } from './io.ts';
import { GROUP, inGroups, withEncoder } from './model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from './options.ts';

const schema = modelSchema.extend({
  text: z.array(z.string()).default([]),
  textsFile: z.string().optional(),
  output: z.string().optional(),
  json: z.boolean().default(false),
});

/** A float32 in the fewest digits that give it back. */
const shortFloat = (value: number): number => Number(value.toPrecision(9));

/** One input and what the model makes of it. */
interface Row {
  readonly kind: 'image' | 'text';
  readonly input: string;
  readonly embedding: Float32Array;
}

function* rowsOf(kind: Row['kind'], inputs: readonly string[], { data, shape }: Embeddings): Generator<Row> {
  const width = shape[1]!;
  for (const [i, input] of inputs.entries())
    yield { kind, input, embedding: data.subarray(i * width, (i + 1) * width) };
}

async function embedAll(
  encoder: Encoder,
  images: readonly string[],
  texts: readonly string[],
  io: CliIo,
  write: (row: Row) => void,
): Promise<void> {
  await inGroups(io, 'images', images, GROUP.image, async (group) => {
    const embeddings = await encoder.embedImages(group);
    return () => [...rowsOf('image', group, embeddings)].forEach(write);
  });
  await inGroups(io, 'texts', texts, GROUP.text, async (group) => {
    const embeddings = await encoder.embedTexts(group);
    return () => [...rowsOf('text', group, embeddings)].forEach(write);
  });
}

/** Writes `embeddings` [n, d] float32, and what each row belongs to as JSON in the header. */
async function writeRows(path: string, rows: readonly Row[], width: number): Promise<void> {
  const data = new Float32Array(rows.length * width);
  rows.forEach(({ embedding }, i) => {
    data.set(embedding, i * width);
  });
  const metadata = {
    inputs: JSON.stringify(rows.map(({ input }) => input)),
    kinds: JSON.stringify(rows.map(({ kind }) => kind)),
  };
  await writeSafetensors(path, { embeddings: ndarray('float32', [rows.length, width], data) }, { metadata });
}

const summary = ({ input, embedding }: Row): string => {
  const start = Array.from(embedding.subarray(0, 4), (value) => value.toFixed(4)).join(', ');
  return `${input}  [${start}, … ${embedding.length} values]`;
};

async function embed(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { text, textsFile, output, json } = options;
  const images = await expandImages(files.filter((file) => file !== '-'));
  const texts = [
    ...text,
    ...(textsFile === undefined ? [] : await readLines(textsFile, io)),
    ...(files.includes('-') ? await readLines('-', io) : []),
  ];
  if (images.length + texts.length === 0)
    throw new UsageError('nothing to embed: give image files, --text, --texts-file, or - for standard input');
  for (const path of text.filter((value) => /\.\w{3,4}$/.test(value) && existsSync(value)))
    note(io, `siglip2: ${path} is embedded as text; name image files before --text`);
  await withEncoder(options, io, async (encoder) => {
    const rows: Row[] = [];
    await embedAll(encoder, images, texts, io, (row) => {
      if (output !== undefined) rows.push(row);
      else if (json) printJson(io, { ...row, embedding: Array.from(row.embedding, shortFloat) });
      else print(io, summary(row));
    });
    if (output === undefined) return;
    await writeRows(output, rows, encoder.width);
    if (json) printJson(io, { output, count: rows.length, width: encoder.width });
    else print(io, `${rows.length} embeddings of ${encoder.width} values in ${output}`);
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('embed')
    .summary('embeddings of images and texts')
    .description(
      'Unit-length embeddings of images and texts, in one space: their dot product is their similarity.',
    )
    .argument('[images...]', 'image files, directories or globs; - reads texts from standard input')
    .option('-t, --text <texts...>', 'texts')
    .option('--texts-file <file>', 'texts, one a line')
    .option('-o, --output <file>', 'write a .safetensors file: embeddings [n, d], inputs in its metadata');
  withJson(withEngine(command), 'one JSON object a line: {"kind", "input", "embedding"}')
    .addHelpText(
      'after',
      examples(
        'siglip2 embed photos/ --output photos.safetensors',
        'siglip2 embed cat.jpg --text "a cat" "un chat" --json',
        'cut -f2 captions.tsv | siglip2 embed - --json > captions.jsonl',
      ),
    )
    .action((files: string[], options: Record<string, unknown>) => embed(files, options, io));
}
