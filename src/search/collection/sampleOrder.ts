import { createHash } from 'node:crypto';
import type { PictureFacts } from './picture.ts';

/** 48 bits: any language and database has such whole numbers, and a million pictures have hardly two alike. */
const BYTES = 6;

/**
 * Where a picture stands among those that are sampled: a number as if it were drawn, the same in every store, and another
 * one for each frame of a video. Copies of a file have the same. A picture keeps it as long as it keeps its id.
 * @param hash of its file
 */
export const sampleOrder = (hash: string, { kind, at }: Pick<PictureFacts, 'kind' | 'at'>): number =>
  createHash('sha256').update(`${hash} ${kind} ${at}`).digest().readUIntBE(0, BYTES);
