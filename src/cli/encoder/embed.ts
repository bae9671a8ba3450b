import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Encoder } from '../../encoder/encoder.ts';
import { splitRows } from '../../tensor/rows.ts';
import { bulk, type Part } from '../bulk/bulk.ts';
import { shortFloat } from '../bulk/formats/csv.ts';
import type { OutputForm } from '../bulk/formats/outputForm.ts';
import { identityOf } from '../bulk/identity.ts';
import { embedGood, imagePart, tryTogether } from '../bulk/imagePart.ts';
import { BULK_HELP, bulkFields, IMAGES, imagesOf, outputOf, withBulk } from '../bulk/options.ts';
import { type Stamped, vectorCodec } from '../bulk/results.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, note, print } from '../support/io.ts';
import { GROUP, withEncoder } from '../support/model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from '../support/options.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  text: z.array(z.string()).default([]),
  textsFile: z.string().optional(),
  json: z.boolean().default(false),
});

const formOf = (width: number): OutputForm<Float32Array> => ({
  matrix: { name: 'embeddings', width, row: (embedding) => embedding },
  columns: [
    { name: 'kind', type: 'string' },
    { name: 'input', type: 'string' },
    { name: 'embedding', type: 'vector', width },
  ],
  rows: ({ kind, name }, embedding) => [[kind, name, embedding]],
  lines: ({ kind, name }, embedding) => [{ kind, input: name, embedding: Array.from(embedding, shortFloat) }],
});

function textPart(texts: readonly string[], encoder: Encoder): Part<Stamped, Float32Array> {
  return {
    kind: 'text',
    total: texts.length,
    reads: () => texts.map((name) => ({ input: { name, stamp: '' } })),
    groupSize: GROUP.text,
    work: (group) =>
      tryTogether(group, async (some) => {
        const rows = await encoder.embedTexts(some.map(({ name }) => name));
        return splitRows(rows).map((value) => ({ value }));
      }),
  };
}

const summary = (input: string, embedding: Float32Array): string => {
  const start = Array.from(embedding.subarray(0, 4), (value) => value.toFixed(4)).join(', ');
  return `${input}  [${start}, … ${embedding.length} values]`;
};

async function embed(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { text, textsFile, json, maxBad } = options;
  const output = outputOf(options.output);
  const images = await imagesOf(
    files.filter((file) => file !== '-'),
    options,
    io,
  );
  const texts = [
    ...text,
    ...(textsFile === undefined ? [] : await readLines(textsFile, io)),
    ...(files.includes('-') ? await readLines('-', io) : []),
  ];
  if (images.total === 0 && texts.length === 0)
    throw new UsageError(
      'nothing to embed: give image files, --from, --text, --texts-file, or - for standard input',
    );
  for (const path of text.filter((value) => /\.\w{3,4}$/.test(value) && existsSync(value)))
    note(io, `siglip2: ${path} is embedded as text; name image files before --text`);
  await withEncoder(options, io, async (encoder, folder) => {
    const { width } = encoder;
    const settings = {
      output,
      json,
      maxBad,
      identity: await identityOf('embed', folder, encoder),
      codec: vectorCodec,
      form: formOf(width),
      print: ({ name }: { readonly name: string }, row: Float32Array) => print(io, summary(name, row)),
      summary: (count: number) => `${count} embeddings of ${width} values`,
      fields: { width },
    };
    await bulk(io, settings, async (part) => {
      await part(imagePart(images, (group) => embedGood(encoder, group, splitRows)));
      await part(textPart(texts, encoder));
    });
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('embed')
    .summary('compute embeddings of images and texts')
    .description(
      'Unit-length embeddings of images and texts, in one space: their dot product is their similarity.',
    )
    .argument('[images...]', `${IMAGES}; - reads texts from standard input`)
    .option('-t, --text <texts...>', 'texts')
    .option('--texts-file <file>', 'texts, one a line');
  withJson(withEngine(withBulk(command)), 'one JSON object a line: {"kind", "input", "embedding"}')
    .addHelpText(
      'after',
      `${examples(
        'siglip2 embed photos/ --output photos.safetensors',
        "siglip2 embed 'shards/{000..012}.tar' --output shards.parquet",
        'siglip2 embed cat.jpg --text "a cat" "un chat" --json',
        'cut -f2 captions.tsv | siglip2 embed - --json > captions.jsonl',
        'find photos -name "*.jpg" | siglip2 embed --from - --output photos.npy',
      )}\n${BULK_HELP}`,
    )
    .action((files: string[], options: Record<string, unknown>) => embed(files, options, io));
}
