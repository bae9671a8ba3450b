import { type FileWindow, openWindow } from './fileWindow.ts';
import { BLOCK, type MemberType, type NoteType, readHeader, type TarHeader, textOf } from './header.ts';
import { type PaxNotes, readPax } from './pax.ts';
import { corrupt, truncated } from './tarError.ts';

/** Most bytes of what is said about a member: a long name, a pax header. */
const MAX_NOTE = 4 * 2 ** 20;

/** One member of a tar archive. */
export interface TarMember {
  readonly name: string;
  readonly type: MemberType | undefined;
  /** Bytes of content, as the header claims. */
  readonly size: number;
  /** Where the next member's header begins, in bytes from the start of the archive. */
  readonly end: number;
  /**
   * The content; until the next member is asked for. Check {@link TarMember.size} first: memory of that size is taken,
   * where the archive has that much.
   * @throws TarError when the archive ends within it
   */
  read(): Promise<Uint8Array>;
}

/**
 * The members of a tar archive, in order, from a byte offset where a header begins. Content that is not asked for is
 * passed over without being read. Every step goes on by a block at least, so that no archive can be without end. The
 * file is closed when the iterator ends or is returned.
 * @throws TarError when the archive ends within a member, or a header is malformed
 */
export async function* tarMembers(path: string, start = 0): AsyncGenerator<TarMember> {
  const file = await openWindow(path);
  try {
    yield* membersOf(file, start);
  } finally {
    await file.close();
  }
}

async function* membersOf(file: FileWindow, start: number): AsyncGenerator<TarMember> {
  let notes: PaxNotes = {};
  for (let at = start; at < file.size; ) {
    const header = readHeader(await file.bytes(at, BLOCK));
    at += BLOCK;
    // Zeros end an archive, and another one may follow.
    if (!header) continue;
    const content = at;
    if (isNote(header.type)) {
      notes = { ...notes, ...(await readNote(file, header, content)) };
      at += padded(header.size);
      continue;
    }
    const { type, size } = { type: header.type, size: notes.size ?? header.size };
    at += type === 'directory' ? 0 : padded(size);
    const read = () => file.bytes(content, size);
    yield { name: notes.path ?? header.name, type, size, end: at, read };
    if (type !== 'directory' && content + size > file.size)
      throw truncated(`end of data: ${size} bytes are claimed at byte ${content} of ${file.size}`);
    notes = {};
  }
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const isNote = (type: TarHeader['type']): type is NoteType =>
  type === 'pax' || type === 'pax-global' || type === 'long-name' || type === 'long-link';

async function readNote(file: FileWindow, { type, size }: TarHeader, at: number): Promise<PaxNotes> {
  if (size > MAX_NOTE) throw corrupt(`a header exceeds ${MAX_NOTE} bytes: it claims ${size}`);
  const content = await file.bytes(at, size);
  if (type === 'pax') return readPax(content);
  return type === 'long-name' ? { path: textOf(content) } : {};
}
