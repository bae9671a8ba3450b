import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openBigVision } from '../../src/checkpoint/bigVision/bigVision.ts';
import { decoderShapes, openDecoder, saveDecoder } from '../../src/checkpoint/huggingFace/decoder.ts';
import { openModelDirectory, saveModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { openNpz } from '../../src/checkpoint/numpy/npz.ts';
import { imageFeeds } from '../../src/input/image/imageSource.ts';
import { LOCCA_FORMAT } from '../../src/input/text/locca/format.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { zeros } from '../../src/tensor/ndarray.ts';
import { npy, zip64 } from './numpy/storedZip.ts';
import { expectRemedy } from './remedy.ts';
import { temporaryDirectory } from './temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR, NAFLEX, NAFLEX_PREPROCESSOR } from './tinyModel.ts';

const root = temporaryDirectory();
const caught = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

/** What opening may take beside the file: far less than what these files claim, which is gigabytes and more. */
const ALLOWED_BYTES = 64 * 2 ** 20;

/** The refusal of a hostile file, which must cost next to nothing. */
async function refusal(open: () => Promise<unknown>): Promise<string> {
  const before = process.memoryUsage();
  const error = await caught(open());
  const after = process.memoryUsage();
  expectRemedy(error);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(ALLOWED_BYTES);
  expect(after.heapTotal - before.heapTotal).toBeLessThan(ALLOWED_BYTES);
  return String(error);
}

const saved = async (name: string, naflex = false): Promise<string> => {
  const path = join(root, name);
  await saveModelDirectory(
    path,
    naflex
      ? { config: NAFLEX, preprocessor: NAFLEX_PREPROCESSOR, tensors: countingTensors(NAFLEX) }
      : { config: FIXED, preprocessor: FIXED_PREPROCESSOR, tensors: countingTensors(FIXED) },
  );
  return path;
};
const fixed = await saved('fixed');
const naflex = await saved('naflex', true);

/** A copy of a model in which a text in a JSON file is another. */
function altered(model: string, name: string, file: string, from: string, to: string): string {
  const path = join(root, name);
  cpSync(model, path, { recursive: true });
  const text = readFileSync(join(path, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(path, file), text.replaceAll(from, to));
  return path;
}

test.each([
  [
    'ten thousand blocks',
    fixed,
    '"num_hidden_layers": 2',
    '"num_hidden_layers": 10000',
    /layers\.9999\..*missing/,
  ],
  ['a billion blocks', naflex, '"num_hidden_layers": 1', '"num_hidden_layers": 1000000000', /missing/],
  ['a width of a million', fixed, '_size": 16', '_size": 1000000', /\[16, 3, 8, 8\].*\[1000000, 3, 8, 8\]/],
  ['a hidden layer of a billion', fixed, '"intermediate_size": 24', '"intermediate_size": 1000000000', /fc1/],
  ['a vocabulary of a billion', fixed, '"vocab_size": 20', '"vocab_size": 1000000000', /token_embedding/],
  [
    'texts of a million tokens',
    fixed,
    '"max_position_embeddings": 8',
    '"max_position_embeddings": 1000000',
    /position/,
  ],
  ['a million channels', naflex, '"num_channels": 3', '"num_channels": 1000000', /patch_embedding/],
  [
    'a grid of a million patches',
    naflex,
    '"num_patches": 16',
    '"num_patches": 1000000',
    /position_embedding/,
  ],
] as const)(
  'a config that says %s is compared with the file first',
  async (name, model, from, to, message) => {
    const path = altered(model, name, 'config.json', from, to);
    expect(await refusal(() => openModelDirectory(path))).toMatch(message);
  },
);

test('the preprocessor is compared with the vision tower', async () => {
  const file = 'preprocessor_config.json';
  const huge = altered(fixed, 'huge', file, ': 30', ': 100000');
  expect(await refusal(() => openModelDirectory(huge))).toMatch(
    /preprocessor makes images of 100000×100000 pixels, but config\.json describes 30×30/,
  );
  const other = altered(fixed, 'other', file, ': 30', ': 40');
  expect(await refusal(() => openModelDirectory(other))).toMatch(/40×40 pixels/);
  const patches = altered(naflex, 'patches', file, '"patch_size": 8', '"patch_size": 16');
  expect(await refusal(() => openModelDirectory(patches))).toMatch(/patches of 16 pixels, .* patches of 8/);
  const many = altered(naflex, 'many', file, '"max_num_patches": 32', '"max_num_patches": 1000000000');
  expect(await refusal(() => openModelDirectory(many))).toMatch(/max_num_patches/);
});

test('what is resized before it is cropped is bounded too', async () => {
  const steps = (edge: number) =>
    `"size": { "shortest_edge": ${edge} }, "do_center_crop": true, "crop_size": 30, "was": {`;
  const file = 'preprocessor_config.json';
  const huge = altered(fixed, 'edge', file, '"size": {', steps(100_000));
  expect(await refusal(() => openModelDirectory(huge))).toMatch(/resizes images to 100000 pixels/);
  const model = await openModelDirectory(altered(fixed, 'edge-legal', file, '"size": {', steps(40)));
  await model.weights.close();
  // A line of pixels, whose shorter side would grow to 40.
  const line = { width: 1, height: 4_000_000, data: new Uint8Array(12_000_000) };
  expect(() => imageFeeds([line], model.preprocessor)).toThrow(/becomes 40×160000000 when it is resized/);
});

test('a few pixels more, which no patch reads, are no fault', async () => {
  const path = altered(fixed, 'more', 'preprocessor_config.json', ': 30', ': 31');
  const model = await openModelDirectory(path);
  await model.weights.close();
  expect(model.config.vision).toMatchObject({ imageSize: 31, numPatches: 9 });
});

test('a decoder that says more than its file has', async () => {
  const path = join(root, 'decoder');
  cpSync(fixed, path, { recursive: true });
  const config = loccaDecoderConfig(FIXED, { length: 6 });
  const tensors = new Map([...decoderShapes(config)].map(([name, shape]) => [name, zeros('float32', shape)]));
  await saveDecoder(path, { config, format: LOCCA_FORMAT, tensors });
  const file = 'decoder_config.json';
  const long = altered(
    path,
    'long',
    file,
    '"max_position_embeddings": 6',
    '"max_position_embeddings": 100000',
  );
  // The causal mask of so many positions has 10^10 numbers.
  expect(await refusal(() => openDecoder(long, FIXED))).toMatch(/position_embedding/);
  const deep = altered(path, 'deep', file, '"num_hidden_layers": 1', '"num_hidden_layers": 100000000');
  expect(await refusal(() => openDecoder(deep, FIXED))).toMatch(/layers\.99999999/);
  const boxes = altered(path, 'boxes', file, '"box_maximum": 500', '"box_maximum": 1000000000');
  expect(await refusal(() => openDecoder(boxes, FIXED))).toMatch(/box_maximum/);
});

test('members of an archive that share bytes are refused', async () => {
  const path = join(root, 'overlap.npz');
  const bytes = zip64([
    { name: 'a.npy', bytes: npy([4], [1, 2, 3, 4]) },
    { name: 'b.npy', bytes: npy([4], [1, 2, 3, 4]) },
  ]);
  // The directory's last eight bytes before the end records: where b's header lies.
  const at = bytes.lastIndexOf(Buffer.from('b.npy')) + 'b.npy'.length + 6 + 4 + 16;
  expect(Number(bytes.readBigUInt64LE(at))).toBeGreaterThan(0);
  bytes.writeBigUInt64LE(0n, at);
  writeFileSync(path, bytes);
  expect(await refusal(() => openNpz(path))).toMatch(
    /"[ab]\.npy" overlaps "[ab]\.npy"; fetch or save it again/,
  );
});

/** A deflated member, its sizes in the 32-bit fields. */
function deflatedZip(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content, { level: 9 });
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0'),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

test('a deflated member is decompressed when asked for, not when the archive is opened', async () => {
  const path = join(root, 'bomb.npz');
  const rows = 2 ** 10;
  const empty = npy([rows, 2 ** 14], []);
  // 64 MiB of zeros in 64 KiB.
  const content = Buffer.concat([empty, Buffer.alloc(rows * 2 ** 16)]);
  writeFileSync(path, deflatedZip('a.npy', content));
  const before = process.memoryUsage().arrayBuffers;
  const npz = await openNpz(path);
  expect(npz.arrays.get('a')?.shape).toEqual([rows, 2 ** 14]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  expect((await npz.read('a', rows - 1)).data.length).toBe(2 ** 14);
  expect((await npz.read('a')).data.length).toBe(rows * 2 ** 14);
  await npz.close();
});

test('a stack of no bytes may not claim blocks without number', async () => {
  const path = join(root, 'stack.npz');
  const names = [
    'img/Transformer/encoderblock/LayerNorm_0/scale',
    'img/embedding/kernel',
    'img/pos_embedding',
  ];
  writeFileSync(path, zip64(names.map((name) => ({ name: `${name}.npy`, bytes: npy([2 ** 40, 0], []) }))));
  expect(await refusal(() => openBigVision(path))).toMatch(
    /stacks 1099511627776 blocks, more than 1000|has no array/,
  );
});
