import { pack } from 'tar-stream';
import { collectBytes } from '../samples/collectBytes.ts';

/** Two blocks of zeros end an archive. */
const END = 1024;

/** The modification time of all members, so that equal samples give equal bytes. */
const NO_TIME = new Date(0);

export const TAR_END: Uint8Array = new Uint8Array(END);

/** Members of an archive, headers and padding included, without the archive's end. */
export async function tarBytes(
  members: readonly { readonly name: string; readonly content: Uint8Array }[],
): Promise<Uint8Array> {
  const archive = pack();
  for (const { name, content } of members) {
    archive.entry({ name, mtime: NO_TIME, mode: 0o644 }, Buffer.from(content));
  }
  archive.finalize();
  const bytes = await collectBytes(archive);
  return bytes.subarray(0, bytes.length - END);
}
