import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  BLOCK_RULES,
  ENCODERS,
  FUSED_SOURCES,
  FUSED_TARGET,
  type Rule,
  SINGLE_RULES,
  type Transform,
} from '../../../src/checkpoint/bigVision/names.ts';
import type { ModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { npyHeader } from '../../../src/checkpoint/numpy/npy.ts';
import { permute } from '../../../src/checkpoint/numpy/permute.ts';
import { type NdArray, ndarray } from '../../../src/tensor/ndarray.ts';

/** A tensor as big_vision lays it out: the opposite of what opening such a file does. */
function unlaid(array: NdArray, transform: Transform, source: string, heads: number): NdArray {
  const { dtype, shape } = array;
  const as = (from: NdArray, to: readonly number[]) => ndarray(dtype, to, from.data as never);
  const split = (size: number) => [heads, size / heads];
  switch (transform) {
    case 'flatten':
      return /query|key|value/.test(source) ? as(array, split(shape[0]!)) : array;
    case 'rows':
      return as(array, [1, ...shape]);
    case 'patch':
      return permute(array, [2, 3, 1, 0]);
    case 'splitOut': {
      const turned = permute(array, [1, 0]);
      return as(turned, [shape[1]!, ...split(shape[0]!)]);
    }
    case 'splitIn': {
      const turned = permute(array, [1, 0]);
      return /\/out\//.test(source) ? as(turned, [...split(shape[1]!), shape[0]!]) : turned;
    }
    default:
      return array;
  }
}

/** A rule for every array of a checkpoint, its blocks apart. */
function rulesOf({ config }: ModelDirectory): Rule[] {
  const blocks = ENCODERS.flatMap(({ target, source }) => {
    const { layers } = source.startsWith('img') ? config.vision : config.text;
    return Array.from({ length: layers }, (_, i) =>
      BLOCK_RULES.map(
        ([to, from, transform]): Rule => [
          `${target}.${i}.${to}`,
          `${source}/encoderblock_${i}/${from}`,
          transform,
        ],
      ),
    ).flat();
  });
  return [...SINGLE_RULES, ...blocks];
}

async function* arraysOf(model: ModelDirectory): AsyncGenerator<[string, NdArray]> {
  const { weights, config } = model;
  for (const [target, source, transform] of rulesOf(model)) {
    const { heads } = source.startsWith('img') ? config.vision : config.text;
    yield [source, unlaid(await weights.read(target), transform, source, heads)];
  }
  for (const [part, transform] of [
    ['weight', 'splitOut'],
    ['bias', 'flatten'],
  ] as const) {
    const { data, shape, dtype } = await weights.readFloat32(`${FUSED_TARGET}_${part}`);
    const size = data.length / FUSED_SOURCES.length;
    for (const [i, source] of FUSED_SOURCES.entries()) {
      const third = ndarray(dtype, [shape[0]! / 3, ...shape.slice(1)], data.slice(i * size, (i + 1) * size));
      const name = `${source}/${part === 'weight' ? 'kernel' : 'bias'}`;
      yield [name, unlaid(third, transform, name, config.vision.heads)];
    }
  }
}

/** Writes a float32 model as big_vision releases it: an uncompressed `.npz` of less than 4 GB. */
export async function writeBigVision(path: string, model: ModelDirectory): Promise<void> {
  const file = await open(path, 'w');
  const directory: Buffer[] = [];
  let at = 0;
  const write = async (bytes: Uint8Array) => {
    await file.writeFile(bytes);
    at += bytes.length;
  };
  try {
    for await (const [name, { shape, data }] of arraysOf(model)) {
      const header = npyHeader('float32', shape);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const entry = Buffer.from(`params/${name}.npy`);
      const fields = Buffer.alloc(26);
      fields.writeUInt16LE(20, 0);
      fields.writeUInt32LE(crc32(bytes, crc32(header)), 10);
      fields.writeUInt32LE(header.length + bytes.length, 14);
      fields.writeUInt32LE(header.length + bytes.length, 18);
      fields.writeUInt16LE(entry.length, 22);
      const tail = Buffer.alloc(14);
      tail.writeUInt32LE(at, 10);
      directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, tail, entry]));
      await write(Buffer.concat([Buffer.from('PK\x03\x04'), fields, entry, header]));
      await write(bytes);
    }
    const start = at;
    await write(Buffer.concat(directory));
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06');
    end.writeUInt16LE(directory.length, 8);
    end.writeUInt16LE(directory.length, 10);
    end.writeUInt32LE(at - start, 12);
    end.writeUInt32LE(start, 16);
    await write(end);
  } finally {
    await file.close();
  }
}
