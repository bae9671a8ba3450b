import { z } from 'zod';
import type { Encoder } from '../../../encoder/encoder.ts';
import type { Collection, StoredModel } from '../../../search/collection/collection.ts';
import { modelOf } from '../../../search/collection/modelProbe.ts';
import { modelStamp } from '../../bulk/modelStamp.ts';
import type { CliIo } from '../../support/io.ts';
import { withEncoder } from '../../support/model.ts';
import type { ModelOptions } from '../../support/options.ts';

const KEY = 'model stamps';

const schema = z.record(z.string(), z.number());

/** A collection, the encoder, and what the collection knows it as. */
export interface IndexModel {
  readonly collection: Collection;
  readonly encoder: Encoder;
  readonly model: StoredModel;
}

/** The ids of models by the stamps of their folders: what is known needs no text tower, which may be most of a model. */
const stampsOf = async (collection: Collection): Promise<Record<string, number>> =>
  schema.catch({}).parse((await collection.note(KEY)) ?? {});

async function knownModel(collection: Collection, stamp: string): Promise<StoredModel | undefined> {
  const id = (await stampsOf(collection))[stamp];
  return (await collection.models()).find((model) => model.id === id);
}

async function addModel(
  collection: Collection,
  encoder: Encoder,
  name: string,
  stamp: string,
): Promise<StoredModel> {
  const model = await collection.addModel(await modelOf(encoder, name));
  await collection.setNote(KEY, { ...(await stampsOf(collection)), [stamp]: model.id });
  return model;
}

/**
 * Runs `use` with an encoder whose text tower is not loaded, and the collection's model that it is, which may be a new one.
 * @param open is called when the model is there
 * @param name what the collection calls the model
 */
export async function withIndexModel<T>(
  options: ModelOptions,
  io: CliIo,
  open: () => Promise<Collection>,
  name: string,
  use: (opened: IndexModel) => Promise<T>,
): Promise<T> {
  const known = await withEncoder(options, io, async (encoder, folder) => {
    const stamp = await modelStamp(folder);
    const collection = await open();
    return (await knownModel(collection, stamp)) ?? addModel(collection, encoder, name, stamp);
  });
  return withEncoder(options, io, async (encoder) => {
    const collection = await open();
    const model = (await collection.models()).find(({ id }) => id === known.id);
    return use({ collection, encoder, model: model ?? known });
  });
}
