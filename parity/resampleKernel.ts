/** Assembles src/input/image/resize/resample.wat into resampleBytes.ts beside it: `npx tsx parity/resampleKernel.ts`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';
import { writeAtomic } from '../src/checkpoint/files/atomic.ts';

const at = (name: string): string =>
  fileURLToPath(new URL(`../src/input/image/resize/${name}`, import.meta.url));

/** The module's bytes. */
export async function assembleResampleKernel(): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const source = await readFile(at('resample.wat'), 'utf8');
  const module = parseWat('resample.wat', source, { simd: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === import.meta.filename) {
  const base64 = Buffer.from(await assembleResampleKernel()).toString('base64');
  const lines = base64.match(/.{1,100}/g)!.map((line) => `  '${line}'`);
  const text = `/** Base64 of resample.wat, assembled by parity/resampleKernel.ts. */\nexport const RESAMPLE_BYTES =\n${lines.join(' +\n')};\n`;
  await writeAtomic(at('resampleBytes.ts'), async (file) => {
    await file.writeFile(text);
  });
}
