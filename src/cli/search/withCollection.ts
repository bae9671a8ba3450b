import { resolve } from 'node:path';
import { isFolder } from '../../checkpoint/files/stats.ts';
import { EMBEDDED_MODEL } from '../../encoder/embeddedModel.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection, StoredModel } from '../../search/collection/collection.ts';
import { isSameModel } from '../../search/collection/isSameModel.ts';
import { modelOf } from '../../search/collection/modelProbe.ts';
import { storeOf } from '../../search/stores/stores.ts';
import type { CliIo } from '../support/io.ts';
import { withEncoder } from '../support/model.ts';
import type { ModelOptions } from '../support/options.ts';
import { type CollectionOptions, locationFlags, locationOf, shownLocation } from './collectionOptions.ts';

/** What a collection calls the model that comes with the package: its folder may be another one tomorrow. */
const EMBEDDED = 'embedded';

/** What a collection calls the model of `--model`. */
export async function storedName(model: string | undefined): Promise<string> {
  if (model === undefined) return EMBEDDED;
  return (await isFolder(model)) ? resolve(model) : model;
}

/** What `--model` would be for a stored model. */
const loadable = (name: string): string => (name === EMBEDDED ? EMBEDDED_MODEL : name);

/** @throws Error naming the collections that there are and how one is made, where this one is not there */
async function openExisting(options: CollectionOptions): Promise<Collection> {
  const location = locationOf(options);
  const store = storeOf(location);
  const names = await store.list(location);
  if (names.includes(options.name)) return store.open(location, { name: options.name });
  const there = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
  throw new Error(
    `there is no collection ${options.name} in ${shownLocation(location)} (${there}); make it with siglip2 index DIR${locationFlags(options)}`,
  );
}

/** Runs `use` with a collection that is there, and closes it afterwards. */
export async function withStored<T>(
  options: CollectionOptions,
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  const collection = await openExisting(options);
  try {
    return await use(collection);
  } finally {
    await collection.close();
  }
}

/** The name of the model that has most of a collection's pictures, and what `--model` would be for it. */
export async function mainModelName(
  collection: Collection,
): Promise<{ readonly name: string; readonly loadable: string } | undefined> {
  const name = (await mostUsed(collection))?.name;
  return name === undefined ? undefined : { name, loadable: loadable(name) };
}

/** The model that has most of a collection's pictures; of equal ones the last. */
async function mostUsed(collection: Collection): Promise<StoredModel | undefined> {
  const models = await collection.models();
  const most = Math.max(...models.map(({ pictures }) => pictures));
  return models.findLast(({ pictures }) => pictures === most);
}

const emptyCollection = (options: CollectionOptions): Error =>
  new Error(
    `the collection ${options.name} has no pictures yet; add some with siglip2 index DIR${locationFlags(options)}`,
  );

/** The model that has most of a collection's pictures; of equal ones the last. @throws Error where there is none */
async function mainModel(collection: Collection, options: CollectionOptions): Promise<StoredModel> {
  const found = await mostUsed(collection);
  if (!found) throw emptyCollection(options);
  return found;
}

/** A collection with the model by which its pictures were embedded. */
export interface OpenedCollection {
  readonly collection: Collection;
  readonly encoder: Encoder;
  /** The encoder's, as the collection keeps it. */
  readonly model: StoredModel;
}

/** The stored model that an encoder is. @throws Error saying what to do where it is none */
async function modelIn(
  collection: Collection,
  encoder: Encoder,
  asked: string | undefined,
  options: CollectionOptions,
): Promise<StoredModel> {
  const models = await collection.models();
  const own = await modelOf(encoder, '');
  const found = models.find((model) => isSameModel(model, own));
  if (found) return found;
  const names = models.map(({ name }) => name).join(', ');
  const fault =
    asked === undefined
      ? `the model that the collection ${options.name} was made by has changed since (${names})`
      : `the collection ${options.name} has no vectors of the model ${asked}; it has those of ${names}`;
  const flag = asked === undefined ? '' : ` --model ${asked}`;
  throw new Error(
    `${fault}. Embed its pictures with this one: siglip2 index DIR${locationFlags(options)}${flag}`,
  );
}

/**
 * Runs `use` with a collection and the encoder that it was made by, whose name it keeps; `--model` names another one, which
 * must be one whose vectors it has. Both are freed afterwards.
 * @throws Error saying what to do where there is no such collection, or it has no vectors of the model
 */
export const withCollection = <T>(
  io: CliIo,
  options: CollectionOptions & ModelOptions,
  use: (opened: OpenedCollection) => Promise<T>,
): Promise<T> =>
  withStored(options, async (collection) => {
    const main = await mainModel(collection, options);
    const model = options.model ?? loadable(main.name);
    return withEncoder({ ...options, model }, io, async (encoder) =>
      use({ collection, encoder, model: await modelIn(collection, encoder, options.model, options) }),
    );
  });
