import { writeFileSync } from 'node:fs';
import { tarBytes } from '../../../src/data/shards/tarBytes.ts';

export type Members = Readonly<Record<string, Uint8Array | string>>;

/** An archive of the members in this order. */
export async function tarOf(members: Members): Promise<Buffer> {
  const named = Object.entries(members).map(([name, content]) => ({ name, content: Buffer.from(content) }));
  return Buffer.concat([await tarBytes(named), Buffer.alloc(1024)]);
}

export async function writeTar(path: string, members: Members): Promise<void> {
  writeFileSync(path, await tarOf(members));
}

/** Changes the header at `offset` and makes its checksum right again. */
export function patchHeader(archive: Buffer, offset: number, patch: (header: Buffer) => void): void {
  const header = archive.subarray(offset, offset + 512);
  patch(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}
