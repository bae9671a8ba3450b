import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FloatDType,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../src/checkpoint/safetensors/castFloat.ts';
import { sizeOf } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';

/*
 * A safetensors writer of its own, so that the project's is not tested against itself; it never holds a tensor. All
 * tensors are cut from one sequence of random numbers, which begins anew when it ends.
 */

/** A prime: no row of a matrix, whatever its width, meets the same numbers as another. */
const POOL = 1_048_573;
const NAMES: Readonly<Record<FloatDType, string>> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' };
const WIDTHS: Readonly<Record<FloatDType, number>> = { float32: 4, float16: 2, bfloat16: 2 };

/** The scale and centre of a tensor's numbers; scales are powers of two, which round nothing. */
interface Spread {
  readonly scale: number;
  readonly centre: number;
}

function spreadOf(name: string, shape: readonly number[]): Spread {
  // exp(2.5) ≈ 12, and random embeddings meet at cosines near 0: probabilities stay between 0 and 1.
  if (name === 'logit_scale') return { scale: 0, centre: 2.5 };
  if (name === 'logit_bias') return { scale: 0, centre: -1 };
  if (shape.length === 1) {
    const isNorm = /norm[^.]*\.weight$/.test(name);
    return isNorm ? { scale: 2 ** -3, centre: 1 } : { scale: 2 ** -5, centre: 0 };
  }
  // Kernels keep the size of what goes through them; embeddings are as released models start, 1/√d.
  const width = /embedding\.weight$/.test(name) ? shape.at(-1)! : sizeOf(shape.slice(1));
  return { scale: 2 ** Math.round(Math.log2(1 / Math.sqrt(width))), centre: 0 };
}

let normals: Float64Array | undefined;
const pools = new Map<string, Uint8Array>();

/** The sequence at a scale, as bytes. Every number is exact in float16 and in bfloat16. */
function pool({ scale, centre }: Spread, dtype: FloatDType): Uint8Array {
  const key = `${scale} ${centre} ${dtype}`;
  const known = pools.get(key);
  if (known) return known;
  const random = createRandom(1, 'released sizes');
  normals ??= new Float64Array(POOL).map(() => random.normal());
  const values = new Float32Array(normals).map((n) => n * scale + centre);
  const bits = new Uint32Array(values.buffer);
  // Eight significant bits fit both; below 2^-14 float16 has fewer.
  for (const [i, high] of float32ToBfloat16(values).entries())
    bits[i] = Math.abs(values[i]!) < 2 ** -14 ? 0 : high << 16;
  const numbers = { float32: () => values, float16: float32ToFloat16, bfloat16: float32ToBfloat16 };
  const { buffer } = numbers[dtype](values);
  const bytes = new Uint8Array(buffer);
  pools.set(key, bytes);
  return bytes;
}

type Shapes = ReadonlyMap<string, readonly number[]>;
type Pair = readonly [string, readonly number[]];

async function writeFileOf(path: string, tensors: readonly Pair[], dtype: FloatDType): Promise<void> {
  const width = WIDTHS[dtype];
  let at = 0;
  const entries = tensors.map(([name, shape]) => {
    const start = at;
    at += sizeOf(shape) * width;
    return [name, { dtype: NAMES[dtype], shape, data_offsets: [start, at] }];
  });
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  const header = Buffer.alloc(8 + Math.ceil(Buffer.byteLength(json) / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  header.write(json, 8);
  const file = await open(path, 'w');
  try {
    await file.writeFile(header);
    for (const [name, shape] of tensors) {
      const bytes = pool(spreadOf(name, shape), dtype);
      let from = createRandom(1, name).int(POOL) * width;
      for (let left = sizeOf(shape) * width; left > 0; from = 0) {
        const part = bytes.subarray(from, Math.min(bytes.length, from + left));
        await file.writeFile(part);
        left -= part.length;
      }
    }
  } finally {
    await file.close();
  }
}

/** Tensors in order, in groups of at most `shardBytes`; a larger tensor stands alone. */
function grouped(tensors: readonly Pair[], dtype: FloatDType, shardBytes: number): Pair[][] {
  const groups: Pair[][] = [[]];
  let filled = 0;
  for (const pair of tensors) {
    const bytes = sizeOf(pair[1]) * WIDTHS[dtype];
    if (filled > 0 && filled + bytes > shardBytes) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)!.push(pair);
    filled += bytes;
  }
  return groups;
}

/** Writes `stem.safetensors`, or shards and their index as `transformers` names them. */
export async function writeRandomWeights(
  folder: string,
  stem: string,
  shapes: Shapes,
  dtype: FloatDType,
  shardBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  const tensors = [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));
  const groups = grouped(tensors, dtype, shardBytes);
  if (groups.length === 1) return writeFileOf(join(folder, `${stem}.safetensors`), tensors, dtype);
  const digits = (n: number) => String(n).padStart(5, '0');
  const weightMap: Record<string, string> = {};
  for (const [i, group] of groups.entries()) {
    const file = `${stem}-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`;
    await writeFileOf(join(folder, file), group, dtype);
    for (const [name] of group) weightMap[name] = file;
  }
  const total = tensors.reduce((sum, [, shape]) => sum + sizeOf(shape) * WIDTHS[dtype], 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  await writeFile(join(folder, `${stem}.safetensors.index.json`), JSON.stringify(index, undefined, 2));
}
