import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { type Extract, extract, type Header } from 'tar-stream';
import { collectBytes } from '../shards/collectBytes.ts';

/** A tar block: headers and contents are padded to it. */
const BLOCK = 512;

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/** Old archives have no magic; their checksum is still checked. (tar-stream's types leave the option out.) */
const OPTIONS: Parameters<typeof extract>[0] & { readonly allowUnknownFormat: boolean } = {
  allowUnknownFormat: true,
};

/** One member of a tar archive. Its content is read now or never. */
export interface TarMember {
  readonly name: string;
  readonly type: Header['type'] | null | undefined;
  /** Bytes of content, as the header claims. */
  readonly size: number;
  /** Where the next member's header begins, in bytes from the start of the archive. */
  readonly end: number;
  /** The content. Check {@link TarMember.size} first: memory of that size is taken. */
  read(): Promise<Uint8Array>;
}

/**
 * The members of a tar archive, in order, read as a stream from a byte offset where a header begins. Content that is
 * not asked for is passed over without being held. The file is closed when the iterator ends or is returned.
 * @throws Error when the archive ends within a member, or a header is malformed.
 */
export async function* tarMembers(path: string, start = 0): AsyncGenerator<TarMember> {
  const file = createReadStream(path, { start, highWaterMark: 2 ** 18 });
  const archive = extract(OPTIONS);
  // Errors reach the iterator below.
  pipeline(file, archive, () => {});
  try {
    for await (const entry of archive) {
      yield memberOf(entry, start);
      // Does nothing where the content has been read.
      entry.resume();
    }
  } finally {
    file.destroy();
    archive.destroy();
  }
}

function memberOf(entry: Entry, start: number): TarMember {
  // The position of the content; tar-stream sets it, its types leave it out.
  const header: Header & { readonly byteOffset?: number } = entry.header;
  const { name, type, size, byteOffset = 0 } = header;
  const content = type === 'directory' ? 0 : Math.ceil(size / BLOCK) * BLOCK;
  return { name, type, size, end: start + byteOffset + content, read: () => collectBytes(entry) };
}
