import { basename, isAbsolute } from 'node:path';
import { messageOf } from '../../data/samples/badRead.ts';
import type { Collection, StoredModel } from '../../search/collection/collection.ts';
import { untilChanged } from '../../search/collection/untilChanged.ts';
import { modelsOf } from '../../search/query/storedModel.ts';
import type { ServedCollection, ServedCollections } from './served.ts';
import { shownPaths } from './shownPaths.ts';

/** A collection as a list shows it. */
export interface CollectionDescription {
  readonly name: string;
  readonly description: string;
  readonly fixed: boolean;
  readonly pictures: number;
  readonly searchable: boolean;
  readonly models: { readonly name: string; readonly pictures: number; readonly served: boolean }[];
  readonly folders: { readonly path: string; readonly indexed: number }[];
  readonly note: string | null;
}

/** Who asks, and for which model. */
interface Asked {
  readonly isWhole: boolean;
  /** Of the served model. */
  readonly modelName: string;
}

/** Counting takes longer than a search. */
const counts = untilChanged<'pictures', number>();

/** All pictures of a collection. */
export const countOf = (collection: Collection): Promise<number> =>
  counts(collection, 'pictures', () => collection.count());

function noteOf(models: readonly { readonly name: string }[], own: StoredModel | undefined, asked: Asked) {
  if (own) return null;
  if (models.length === 0) return 'It has no pictures yet.';
  const names = models.map(({ name }) => name).join(' and ');
  return `Its pictures were indexed by ${names}, not by the served model (${asked.modelName}): serve that one, or index them again with this one.`;
}

async function describe(served: ServedCollection, asked: Asked): Promise<CollectionDescription> {
  const { collection, name, description, isFixed } = served;
  const [own, all] = [await served.model(), await modelsOf(collection)];
  const models = all.map((model) => ({
    // A directory tells where things lie.
    name: asked.isWhole || !isAbsolute(model.name) ? model.name : basename(model.name),
    pictures: model.pictures,
    served: model.id === own?.id,
  }));
  const { folders } = await shownPaths(collection, asked.isWhole);
  return {
    ...{ name, description, fixed: isFixed, pictures: await countOf(collection) },
    searchable: own !== undefined,
    ...{ models, folders: [...folders], note: noteOf(models, own, asked) },
  };
}

/** One that cannot be opened is listed too, with the reason. */
async function describeNamed(
  collections: ServedCollections,
  name: string,
  asked: Asked,
): Promise<CollectionDescription> {
  try {
    return await describe(await collections.get(name), asked);
  } catch (error) {
    const note = asked.isWhole ? messageOf(error) : 'It cannot be opened now.';
    const none = { pictures: 0, searchable: false, models: [], folders: [] };
    return { name, description: '', fixed: false, ...none, note };
  }
}

/** All collections, and what to know of those that are missing. */
export async function describeCollections(collections: ServedCollections | undefined, asked: Asked) {
  if (!collections) return { collections: [], note: 'This server has no place for collections.' };
  const names = await collections.names();
  const all = await Promise.all(names.map((name) => describeNamed(collections, name, asked)));
  const problem = collections.problem();
  if (problem !== undefined)
    return { collections: all, note: asked.isWhole ? problem : 'Other collections cannot be read now.' };
  const isLonely = all.every(({ fixed }) => fixed);
  const hint = 'No pictures of your own yet: siglip2 index DIR makes a folder searchable.';
  return { collections: all, note: isLonely ? hint : null };
}
