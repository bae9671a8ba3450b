import { readFile, realpath, rm } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { writeAll, writeAtomic } from '../../checkpoint/files/atomic.ts';
import { codeOf } from '../../checkpoint/files/errorCode.ts';
import { EMPTY_SIDECAR, editTags, type TagChange } from './editTags.ts';
import { SidecarError } from './xmp.ts';

/** How sidecars are called, after `photo.jpg`: darktable and digiKam append, Adobe's programs replace the ending. */
export const SIDECAR_NAMES = ['photo.jpg.xmp', 'photo.xmp'] as const;
export type SidecarNames = (typeof SIDECAR_NAMES)[number];

/** Where the sidecar of a picture lies. */
export const sidecarOf = (picture: string, names: SidecarNames): string =>
  names === 'photo.jpg.xmp'
    ? `${picture}.xmp`
    : `${picture.slice(0, picture.length - extname(basename(picture)).length)}.xmp`;

/** The text of a sidecar, with its byte-order mark; undefined where there is none. */
async function readSidecar(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SidecarError('is not in UTF-8', { cause });
  }
}

/** Puts a text where the sidecar is, also behind a link; one that says nothing any more goes. */
async function putSidecar(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  if (text === EMPTY_SIDECAR) await rm(target, { force: true });
  else await writeAtomic(target, (file) => writeAll(file, Buffer.from(text)));
}

/**
 * Makes `tags` the tags of ours in a sidecar, which is made where there is none, and changed only where something changes:
 * see {@link editTags}.
 * @param dryRun tells what would change, and writes nothing
 * @throws SidecarError, with what is wrong, where the sidecar cannot be changed without harm: it is left alone
 */
export async function tagSidecar(
  path: string,
  tags: readonly string[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<Pick<TagChange, 'added' | 'removed'>> {
  const before = await readSidecar(path);
  const { text, added, removed } = editTags(before ?? EMPTY_SIDECAR, tags);
  if (!dryRun && text !== (before ?? EMPTY_SIDECAR)) await putSidecar(path, text);
  return { added, removed };
}
