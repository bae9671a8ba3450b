import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from './harness/target.ts';

/** Everything that reads input from strangers. Loaded when asked for: some are heavy. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  parquet: async () => (await import('./targets/parquet.ts')).parquetTarget,
  tar: async () => (await import('./targets/tar.ts')).tarTarget,
  safetensors: async () => (await import('./targets/safetensors.ts')).safetensorsTarget,
  npz: async () => (await import('./targets/npz.ts')).npzTarget,
  config: async () => (await import('./targets/config.ts')).configTarget,
  tokenizer: async () => (await import('./targets/tokenizer.ts')).tokenizerTarget,
  images: async () => (await import('./targets/images.ts')).imagesTarget,
  exif: async () => (await import('./targets/exif.ts')).exifTarget,
  pdf: async () => (await import('./targets/pdf.ts')).pdfTarget,
  http: async () => (await import('./targets/http.ts')).httpTarget,
};

/** @param name one of these, or a module whose `target` is one @throws Error naming those that there are */
export async function findTarget(name: string): Promise<FuzzTarget> {
  if (name.endsWith('.ts')) return (await import(pathToFileURL(resolve(name)).href)).target;
  const load = TARGETS[name];
  if (!load) throw new Error(`there is no target ${name}; there are ${Object.keys(TARGETS).join(', ')}`);
  return await load();
}
