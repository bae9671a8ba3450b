import { messageOf } from '../../data/samples/badRead.ts';
import type { Collection } from '../../search/collection/collection.ts';
import { openCollection, storeOf } from '../../search/stores/stores.ts';
import { RequestError } from '../requests/errors.ts';

/** The collections of one place, open. */
export interface OpenCollections {
  /** Sorted; none while the place cannot be read, see {@link problem}. */
  names(): Promise<readonly string[]>;
  /** @throws HTTPException 503 where it cannot be opened; undefined where there is none of that name */
  get(name: string): Promise<Collection | undefined>;
  problem(): string | undefined;
  forget(name: string): Promise<void>;
  close(): Promise<void>;
}

/** For so many milliseconds a collection that was there is taken to be there still: a page asks for many pictures at once. */
const TRUSTED_MS = 500;

/** A database that is down is waited for longer than a page should wait for the rest. */
const PATIENCE_MS = 3000;

/** @throws Error when it takes longer; what comes later is no matter */
async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const silent = () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`));
    timer = setTimeout(silent, PATIENCE_MS);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

interface Opened {
  readonly collection: Promise<Collection>;
  /** Tells it from another one of the same name, where the store can. */
  readonly identity: string | undefined;
}

/**
 * Opens collections when they are asked for, and closes those that are gone. A place that cannot be read has none, and says
 * why once.
 */
export function openCollections(location: string, log: (line: string) => void): OpenCollections {
  const store = storeOf(location);
  const open = new Map<string, Opened>();
  let listed: { readonly at: number; readonly names: Promise<readonly string[]> } | undefined;
  let problem: string | undefined;

  const identityOf = async (name: string) => store.identity?.(location, name).catch(() => undefined);

  async function forget(name: string): Promise<void> {
    const found = open.get(name);
    open.delete(name);
    listed = undefined;
    await found?.collection.then((collection) => collection.close()).catch(() => {});
  }

  /** Closes what is gone, also where another one has its name now. */
  async function sweep(names: readonly string[]): Promise<void> {
    for (const [name, { identity }] of [...open])
      if (!names.includes(name) || (await identityOf(name)) !== identity) await forget(name);
  }

  async function list(): Promise<readonly string[]> {
    try {
      const names = await withPatience(store.list(location));
      problem = undefined;
      await sweep(names);
      return names;
    } catch (error) {
      const now = `the collections cannot be read: ${messageOf(error)}`;
      if (now !== problem) log(now);
      problem = now;
      return [];
    }
  }

  function names(): Promise<readonly string[]> {
    if (listed === undefined || Date.now() - listed.at > TRUSTED_MS)
      listed = { at: Date.now(), names: list() };
    return listed.names;
  }

  async function openOne(name: string): Promise<Collection> {
    const identity = await identityOf(name);
    const known = open.get(name);
    if (known) return known.collection;
    const opened = { collection: openCollection(location, { name }), identity };
    open.set(name, opened);
    opened.collection.catch(() => {
      if (open.get(name) === opened) open.delete(name);
    });
    return opened.collection;
  }

  return {
    names,
    async get(name) {
      const there = await names();
      if (problem !== undefined) throw new RequestError(503, problem);
      if (!there.includes(name)) return undefined;
      try {
        return await (open.get(name)?.collection ?? openOne(name));
      } catch (error) {
        throw new RequestError(503, `the collection ${name} cannot be opened: ${messageOf(error)}`);
      }
    },
    problem: () => problem,
    forget,
    close: async () => {
      await Promise.all([...open.keys()].map(forget));
    },
  };
}
