import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { castFloat, type FloatDType } from '../../../src/checkpoint/safetensors/castFloat.ts';
import type { RgbImage } from '../../../src/input/image/rgbImage.ts';
import type { NdArray } from '../../../src/tensor/ndarray.ts';
import { fixturePath, readFixture } from '../../support/fixtures.ts';

/** Types of stored tensors and their width in bytes. */
const WIDTHS = { F32: 4, F16: 2, BF16: 2, I64: 8, F64: 8 } as const;
const FLOATS: Partial<Record<keyof typeof WIDTHS, FloatDType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

const rows = z.array(z.array(z.number()));
const expectedSchema = z.object({
  pixelShape: z.array(z.int()),
  pixelSha256: z.string(),
  firstPixels: z.array(z.number()),
  inputIds: z.array(z.array(z.int())),
  known: z.array(z.boolean()),
  imageEmbeds: rows,
  textEmbeds: rows,
  logitScale: z.number(),
  logitBias: z.number(),
  spatialShapes: z.array(z.array(z.int())).optional(),
});
/** Where a stored tensor is from: the base's tensor (null: zeros), its type, its shape. */
const sourceSchema = z.tuple([
  z.string().nullable(),
  z.enum(['F32', 'F16', 'BF16', 'I64', 'F64']),
  z.array(z.int()),
]);
const stored = z.record(z.string(), sourceSchema);
const json = z.record(z.string(), z.looseObject({}));
const folderSchema = z.object({
  name: z.string(),
  kind: z.enum(['fixed', 'naflex']),
  files: json,
  absent: z.array(z.string()),
  sizes: z.array(z.tuple([z.int(), z.int()])),
  weights: z.record(z.string(), stored).optional(),
  expected: expectedSchema,
});
const tableSchema = z.object({
  texts: z.array(z.string()),
  base: z.object({ fixed: json, naflex: json }),
  weights: z.object({ fixed: stored, naflex: stored }),
  folders: z.array(folderSchema),
});

/** The table that parity/folders.py writes. */
export const table = tableSchema.parse(
  JSON.parse(gunzipSync(readFileSync(fixturePath('folders/folders.json.gz'))).toString('utf8')),
);

const weights = {
  fixed: await readFixture('folders/fixed.safetensors'),
  naflex: await readFixture('folders/naflex.safetensors'),
};

/** The same picture as `image` in parity/folders.py. */
export function picture([width, height]: readonly [number, number]): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = (x * 7 + y * 13 + c * 29 + x * y * 3) % 256;
  return { width, height, data };
}

type Source = z.output<typeof sourceSchema>;

function bytesOf([name, type, shape]: Source, tensors: ReadonlyMap<string, NdArray>): Uint8Array {
  const dtype = FLOATS[type];
  if (name === null || !dtype) return new Uint8Array(shape.reduce((n, m) => n * m, WIDTHS[type]));
  // Of a table the first rows.
  const { data } = castFloat(tensors.get(name)!, dtype);
  const length = shape.reduce((n, m) => n * m, 1);
  const first = data.subarray(0, length);
  return new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
}

/** A safetensors file with any type of the format, which the library's own writer does not write. */
function writeTensors(path: string, stored: Record<string, Source>, tensors: ReadonlyMap<string, NdArray>) {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, source] of Object.entries(stored)) {
    const bytes = bytesOf(source, tensors);
    header[name] = { dtype: source[1], shape: source[2], data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, ...parts]));
}

/** Writes a folder of the table. */
export function writeFolder(root: string, index: number, prefix = ''): string {
  const { kind, files, absent, weights: stored } = table.folders[index]!;
  const path = join(root, `${prefix}${index}`);
  mkdirSync(path);
  const base = table.base[kind];
  for (const [name, content] of Object.entries({ ...base, ...files })) {
    if (absent.includes(name)) continue;
    const whole = content['model'] === 'base' ? { ...content, model: base[name]?.['model'] } : content;
    writeFileSync(join(path, name), JSON.stringify(whole));
  }
  const tensors = weights[kind];
  for (const [name, sources] of Object.entries(stored ?? { 'model.safetensors': table.weights[kind] })) {
    writeTensors(join(path, name), sources, tensors);
  }
  return path;
}
