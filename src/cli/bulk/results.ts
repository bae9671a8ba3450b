import type { z } from 'zod';
import type { BadSample } from '../../data/samples/sample.ts';

/** What is worked on: an image by its path, a text by itself. */
export interface Named {
  readonly kind: 'image' | 'text';
  readonly name: string;
}

/** An input, and what tells whether it is the same again. */
export interface Stamped {
  readonly name: string;
  readonly stamp: string;
}

/** What the work on one input gave, or why it gave nothing. */
export type Outcome<Value> =
  | { readonly value: Value; readonly bad?: undefined }
  | { readonly bad: BadSample; readonly value?: undefined };

/** What the work on one good input gave. */
export interface Result<Value> extends Named {
  readonly value: Value;
}

/** How values are kept in a journal. */
export interface Codec<Value> {
  /** Something that JSON can hold. */
  encode(value: Value): unknown;
  /** @throws Error when it is not what `encode` gave */
  decode(stored: unknown): Value;
}

/** Values that JSON can hold as they are. @param schema what is expected of a stored one */
export const jsonCodec = <Value>(schema: z.ZodType<Value>): Codec<Value> => ({
  encode: (value) => value,
  decode: (stored) => schema.parse(stored),
});

/** Rows of float32 numbers, to the bit. */
export const vectorCodec: Codec<Float32Array> = {
  encode: (row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('base64'),
  decode(stored) {
    if (typeof stored !== 'string') throw new Error('a row of numbers is stored as text');
    // A copy, which begins where float32 may.
    return new Float32Array(Uint8Array.from(Buffer.from(stored, 'base64')).buffer);
  },
};
