import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskFault, isDiskFull } from '../../../checkpoint/files/diskFault.ts';
import { badRead } from '../../../data/samples/badRead.ts';
import type { BadReason, BadSample } from '../../../data/samples/sample.ts';
import { formatOfName } from '../../../input/image/decode/imageFormat.ts';
import { type SidecarNames, sidecarOf, tagSidecar } from '../../../search/tags/sidecar.ts';
import { SidecarError } from '../../../search/tags/xmp.ts';
import type { Outcome } from '../../bulk/results.ts';

/** What became of a picture's sidecar. */
export interface SidecarChange {
  readonly path: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface SidecarOptions {
  readonly names: SidecarNames;
  readonly dryRun: boolean;
}

/** Writes the tags of one picture. @param file of the picture; undefined where it has none, as in a shard */
export type WriteSidecar = (
  name: string,
  file: string | undefined,
  tags: readonly string[],
) => Promise<Outcome<SidecarChange>>;

/** Writes sidecars, and counts those that change. */
export function sidecarWriter({ names, dryRun }: SidecarOptions): {
  readonly write: WriteSidecar;
  readonly counts: { changed: number; unchanged: number };
} {
  const counts = { changed: 0, unchanged: 0 };
  const folders = new Map<string, Promise<readonly string[]>>();

  /** Other pictures whose sidecar would be the same file. */
  async function others(file: string): Promise<readonly string[]> {
    if (names === 'photo.jpg.xmp') return [];
    const folder = dirname(file);
    const listed = folders.get(folder) ?? readdir(folder);
    folders.set(folder, listed);
    const own = sidecarOf(file, names);
    return (await listed).filter(
      (name) =>
        name !== basename(file) &&
        formatOfName(name) !== undefined &&
        sidecarOf(join(folder, name), names) === own,
    );
  }

  async function write(
    name: string,
    file: string | undefined,
    tags: readonly string[],
  ): Promise<Outcome<SidecarChange>> {
    const bad = (reason: BadReason, detail: string): { bad: BadSample } => ({
      bad: badRead('', name, reason, detail).bad!,
    });
    if (file === undefined)
      return bad('not-a-file', 'lies in a shard; sidecars are written beside files only');
    if (!(await stat(file).catch(() => undefined)))
      return bad('missing-image', 'is no longer there; no sidecar is written');
    const path = sidecarOf(file, names);
    const [other] = await others(file);
    if (other !== undefined)
      return bad(
        'duplicate-member',
        `${path} would be the sidecar of ${other} too; use --xmp-names photo.jpg.xmp`,
      );
    try {
      const { added, removed } = await tagSidecar(path, tags, { dryRun });
      counts[added.length + removed.length > 0 ? 'changed' : 'unchanged']++;
      return { value: { path, added, removed } };
    } catch (error) {
      // What is wrong with one file is no matter of the others; a full disk is.
      const disk = isDiskFull(error) ? undefined : diskFault(error);
      if (disk)
        return bad(
          'unreadable',
          `its sidecar ${path} cannot be read or written (${disk.fault}): ${disk.remedy}`,
        );
      if (!(error instanceof SidecarError)) throw error;
      return bad('malformed-metadata', `its sidecar ${path} ${error.message}; it is left alone`);
    }
  }
  return { write, counts };
}
