import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parsePreprocessor } from '../../../src/checkpoint/huggingFace/preprocessor/parse.ts';
import { imageFeeds } from '../../../src/input/image/imageSource.ts';
import { loadTokenizer } from '../../../src/input/text/tokenizer/loadTokenizer.ts';
import type { VisionConfig } from '../../../src/model/config.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';
import { picture, table } from './folderTable.ts';

const root = temporaryDirectory();

const { processors, tokenizers } = z
  .object({
    processors: z.array(
      z.object({
        kind: z.enum(['fixed', 'naflex']),
        settings: z.looseObject({}),
        sizes: z.array(z.tuple([z.int(), z.int()])),
        sha256: z.string(),
      }),
    ),
    tokenizers: z.array(
      z.object({
        added: z.array(z.looseObject({})),
        named: z.looseObject({}),
        pieces: z.int(),
        texts: z.array(z.string()),
        ids: z.array(z.array(z.int())),
      }),
    ),
  })
  .parse(JSON.parse(gunzipSync(readFileSync(fixturePath('folders/random.json.gz'))).toString('utf8')));

const tower = { hiddenSize: 24, intermediateSize: 20, layers: 1, heads: 12, layerNormEps: 1e-6 };
const shared = { ...tower, patchSize: 8, channels: 3, numPatches: 16, useHead: true };
const towers: Record<'fixed' | 'naflex', VisionConfig> = {
  fixed: { ...shared, kind: 'fixed', imageSize: 32 },
  naflex: { ...shared, kind: 'naflex' },
};

test('random image processors give the pixels of transformers', () => {
  const different = processors.filter(({ kind, settings, sizes, sha256 }) => {
    const config = parsePreprocessor(settings, 'preprocessor_config.json', towers[kind]);
    const { data } = imageFeeds(sizes.map(picture), config)['pixel_values']!;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return createHash('sha256').update(bytes).digest('hex') !== sha256;
  });
  expect(different).toEqual([]);
  expect(processors.length).toBeGreaterThanOrEqual(150);
});

test('random added tokens give the ids of transformers', async () => {
  const base = table.base.fixed['tokenizer.json']!;
  const listed = z.array(z.looseObject({})).parse(base['added_tokens']);
  for (const [index, { added, named, pieces, texts, ids }] of tokenizers.entries()) {
    const folder = join(root, String(index));
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'tokenizer.json'),
      JSON.stringify({ ...base, added_tokens: [...listed, ...added] }),
    );
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(named));
    const tokenizer = await loadTokenizer(join(folder, 'tokenizer.json'), { vocabSize: pieces });
    const found = texts.map((text) => Array.from(tokenizer.encode(text)));
    expect(found.map((row, i) => row.slice(0, ids[i]!.length))).toEqual(ids);
    expect(found.every((row, i) => row.slice(ids[i]!.length).every((id) => id === 0))).toBe(true);
  }
  expect(tokenizers.length).toBeGreaterThanOrEqual(80);
});
