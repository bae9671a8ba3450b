import { type Collection, openCollection, registerStore, storeOf } from 'siglip2/search';

const ADDRESS = 'kept://';
const folderOf = (location: string): string => location.slice(ADDRESS.length);

async function refuse(): Promise<never> {
  throw new Error('this collection is kept as it is; open its folder to change it');
}

/** What changes a collection. */
const CHANGES: ReadonlySet<unknown> = new Set<keyof Collection>(['addModel', 'write', 'setNote', 'lock']);

/** The same collection, of which nothing can be changed. */
const kept = (collection: Collection): Collection =>
  new Proxy(collection, {
    get(target, key) {
      if (CHANGES.has(key)) return refuse;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** Collections of a folder that a program may search but not change: `kept:///srv/pictures`. */
export const keptStore = registerStore({
  name: 'kept',
  accepts: (location) => location.startsWith(ADDRESS),
  open: async (location, { name }) => kept(await openCollection(folderOf(location), { name })),
  list: (location) => storeOf(folderOf(location)).list(folderOf(location)),
  remove: refuse,
});
