import { createHash, type Hash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Pieces of a large file that are looked at, and their length. */
const PIECES = 64;
const PIECE = 2 ** 14;

async function addFile(hash: Hash, path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    hash.update(`${size}\n`);
    const bytes = Buffer.alloc(PIECE);
    const step = Math.max(PIECE, Math.floor((size - PIECE) / (PIECES - 1)));
    for (let at = 0; at < size; at += step) {
      const { bytesRead } = await file.read(bytes, 0, PIECE, at);
      hash.update(bytes.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * Tells whether it is the same model again, wherever it lies: a hash over sizes and pieces of all its files. Training
 * changes weights everywhere, so that pieces show it; a single flipped bit they may not.
 * @param directory a model in the Hugging Face layout
 */
export async function modelStamp(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /\.(json|safetensors)$/.test(name)).sort();
  const hash = createHash('sha256');
  for (const name of names) {
    hash.update(`${name}\n`);
    await addFile(hash, join(directory, name));
  }
  return hash.digest('hex').slice(0, 16);
}
