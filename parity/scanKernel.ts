/** Assembles src/search/scan/rows/scan.wat into scanBytes.ts beside it: `npx tsx parity/scanKernel.ts`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';
import { writeAtomic } from '../src/checkpoint/files/atomic.ts';

const at = (name: string): string =>
  fileURLToPath(new URL(`../src/search/scan/rows/${name}`, import.meta.url));

/** The module's bytes. */
export async function assembleScanKernel(): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const source = await readFile(at('scan.wat'), 'utf8');
  const module = parseWat('scan.wat', source, { simd: true, threads: true });
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === import.meta.filename) {
  const base64 = Buffer.from(await assembleScanKernel()).toString('base64');
  const lines = base64.match(/.{1,100}/g)!.map((line) => `  '${line}'`);
  const text = `/** Base64 of scan.wat, assembled by parity/scanKernel.ts. */\nexport const SCAN_BYTES =\n${lines.join(' +\n')};\n`;
  await writeAtomic(at('scanBytes.ts'), async (file) => {
    await file.writeFile(text);
  });
}
