import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Context } from 'hono';
import type { Collection } from '../../search/collection/collection.ts';
import { type IndexedFolder, indexedFolders } from '../../search/indexing/folders.ts';
import type { Access } from '../access/access.ts';
import { isFromThisMachine } from '../access/connection.ts';
import { isOwner } from '../access/owner.ts';
import { badRequest } from '../requests/errors.ts';

/** How the one who asks is shown where files lie. */
export interface ShownPaths {
  of(path: string): string;
  /** The path that a shown one stands for. @throws HTTPException 400 where it stands for none */
  resolve(shown: string): string;
  readonly folders: readonly IndexedFolder[];
}

/**
 * Whether somebody may know the whole paths of files: the one who started the server, and whoever sits at its machine where it
 * listens on that alone and wants no keys.
 */
export function seesWholePaths(context: Context, access: Access | undefined): boolean {
  if (isOwner(context, access)) return true;
  const isPrivate = access?.ownerToken !== undefined && access.keys.length === 0;
  return isPrivate && isFromThisMachine(context);
}

const isIn = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** A path from the name of its indexed folder on, as everybody may see it. */
function fromFolder(folders: readonly IndexedFolder[], path: string): string {
  const folder = folders.find((one) => isIn(one.path, path));
  return folder ? relative(dirname(folder.path), path).split(sep).join('/') : basename(path);
}

function toFolder(folders: readonly IndexedFolder[], shown: string): string {
  const [first = '', ...rest] = shown.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  const folder = folders.find(({ path }) => basename(path) === first);
  if (folder && !rest.includes('..')) return join(folder.path, ...rest);
  const names = folders.map(({ path }) => basename(path)).join(', ') || 'none';
  throw badRequest(
    `filter.folder: ${JSON.stringify(shown)} is in no folder of the collection; its folders are: ${names}`,
    'filter.folder',
  );
}

/** How paths of a collection are shown to one who may see them whole, or may not. */
export async function shownPaths(collection: Collection, isWhole: boolean): Promise<ShownPaths> {
  const folders = await indexedFolders(collection);
  if (!isWhole)
    return {
      of: (path) => fromFolder(folders, path),
      resolve: (shown) => toFolder(folders, shown),
      folders: folders.map(({ path, indexed }) => ({ path: basename(path), indexed })),
    };
  return {
    of: (path) => path,
    resolve: (shown) => (isAbsolute(shown) ? shown : toFolder(folders, shown)),
    folders,
  };
}
