import { narrowInto } from '../../src/checkpoint/safetensors/castFloat.ts';
import { createRandom, type Random } from '../../src/tensor/random.ts';

/*
 * Vectors that are spread as embeddings of pictures are: all share a direction, they lie in subjects of very different
 * sizes and in scenes within those, what is left has a few long directions, and one in a hundred is nearly a copy of the
 * one before. Queries are half pictures, half texts, which lie in a cone of their own.
 */

export const WIDTH = 768;

const SUBJECTS = 300;
const SCENES = 12;
/** Rows draw what is their own from a pool: drawing all of it anew would take longer than all that is measured. */
const POOL = 4096;
const LONG_DIRECTIONS = 48;
const COPIES = 0.01;

type Vector = Float32Array;

function add(sum: Vector, part: Vector, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]! * factor;
}

function toUnit(vector: Vector): Vector {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const factor = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i]! *= factor;
  return vector;
}

const direction = (random: Random): Vector =>
  toUnit(Float32Array.from({ length: WIDTH }, () => random.normal()));

const directions = (random: Random, count: number): Vector[] =>
  Array.from({ length: count }, () => direction(random));

/** Vectors with a few long directions. */
function poolOf(random: Random): Vector[] {
  const long = directions(random, LONG_DIRECTIONS);
  return directions(random, POOL).map((vector) => {
    for (const [k, one] of long.entries()) add(vector, one, random.normal() / Math.sqrt(k + 2));
    return toUnit(vector);
  });
}

export interface VectorSource {
  /** The next picture, of unit length; valid until the next call. */
  next(): Vector;
  /** Queries, of unit length, that are none of the pictures. */
  queries(count: number): Vector[];
}

/** The same vectors for the same seed, on every machine. */
export function createVectorSource(seed: number): VectorSource {
  const random = createRandom(seed, 'search');
  const [pictures, texts] = directions(random, 2) as [Vector, Vector];
  const subjects = directions(random, SUBJECTS);
  const scenes = directions(random, SUBJECTS * SCENES);
  const pool = poolOf(random);
  const draw = createRandom(seed, 'search pictures');
  let last = direction(draw);

  /** Subjects' sizes fall off as words' frequencies do. */
  const subjectOf = (from: Random): number => Math.floor(SUBJECTS ** from.next()) % SUBJECTS;

  function compose(from: Random, cone: Vector, own: number): Vector {
    const vector = new Float32Array(WIDTH);
    const subject = subjectOf(from);
    add(vector, cone, 0.75);
    add(vector, subjects[subject]!, 0.45);
    add(vector, scenes[subject * SCENES + from.int(SCENES)]!, 0.3);
    for (let part = 0; part < 3; part++) add(vector, pool[from.int(POOL)]!, own * from.uniform(-0.5, 0.5));
    return toUnit(vector);
  }

  return {
    next() {
      if (draw.next() < COPIES) {
        const copy = last.slice();
        add(copy, pool[draw.int(POOL)]!, 0.1 * draw.next());
        last = toUnit(copy);
      } else last = compose(draw, pictures, 1);
      return last;
    },
    queries(count) {
      const from = createRandom(seed, 'search queries');
      return Array.from({ length: count }, (_, i) =>
        i % 2 === 0 ? compose(from, pictures, 1) : compose(from, texts, 0.5),
      );
    },
  };
}

/** Rows of vectors, float16 as bits. */
export function halfRows(source: VectorSource, count: number): Uint16Array {
  const rows = new Uint16Array(count * WIDTH);
  for (let row = 0; row < count; row++)
    narrowInto(rows.subarray(row * WIDTH, (row + 1) * WIDTH), source.next(), 'float16');
  return rows;
}
