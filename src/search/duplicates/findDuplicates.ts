import { callback, check, count, flag, object, optional, rule, settings } from '../../tensor/settings.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import type { Picture } from '../collection/picture.ts';
import { backgroundOf } from '../query/vectors/background.ts';
import { compareCopies, starGroups } from './copies.ts';
import { nearUnits } from './nearUnits.ts';
import { copyThreshold } from './threshold.ts';
import { type Unit, unitsOf } from './units.ts';

export interface DuplicateOptions {
  /**
   * Cosine from which two pictures count as copies, above 0 and at most 1. Default: by the collection, .95 of the way from
   * the mean cosine of two of its pictures to 1.
   */
  readonly threshold?: number | undefined;
  /** Only files with the same bytes. Default false. */
  readonly exact?: boolean | undefined;
  /** Which pictures are looked at. Default: all. */
  readonly filter?: PictureFilter | undefined;
  /** Id of the {@link StoredModel} whose vectors are compared. Default: the one with most pictures. */
  readonly model?: number | undefined;
  /** Told how many of all pairs are compared. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const schema = settings<DuplicateOptions>({
  threshold: optional(
    rule<number>('a number above 0 and at most 1', (value) => Number(value) > 0 && Number(value) <= 1),
  ),
  exact: optional(flag),
  filter: optional(object<PictureFilter>('a filter')),
  model: optional(count),
  onProgress: optional(callback()),
});

/** A copy of the best picture of its group. */
export interface Copy {
  readonly picture: Picture;
  /** With the best one, −1 … 1. */
  readonly cosine: number;
  /** Whether its file has the same bytes. */
  readonly exact: boolean;
}

export interface DuplicateGroup {
  /** The one to keep: most pixels, of those most bytes, of those the oldest. */
  readonly best: Picture;
  /** Exact ones first, then the nearest. */
  readonly copies: readonly Copy[];
}

export interface Duplicates {
  /** The cosine from which pictures counted as copies; undefined where only bytes were compared. */
  readonly threshold: number | undefined;
  /** Largest first. */
  readonly groups: readonly DuplicateGroup[];
}

async function modelOf(collection: Collection, id: number | undefined): Promise<StoredModel | undefined> {
  const models = await collection.models();
  if (id === undefined) return models.toSorted((a, b) => b.pictures - a.pictures)[0];
  const found = models.find((model) => model.id === id);
  if (!found) throw new RangeError(`model is ${id}; the collection ${collection.name} has no such model`);
  return found;
}

/** The best of each content: only image files are compared by what they show. */
const comparable = (units: readonly Unit[]): Map<number, Unit> =>
  new Map(units.filter(([{ kind }]) => kind === 'image').map((unit) => [unit[0].id, unit]));

const exactly = (pictures: readonly Picture[]): Copy[] =>
  pictures.map((picture) => ({ picture, cosine: 1, exact: true }));

/**
 * Groups of copies in a collection: files with the same bytes, and image files that show nearly the same, such as other
 * sizes and formats of a picture. Every copy is near the best of its group. Nothing is changed or removed.
 * @throws RangeError naming the option that is none
 * @example
 * const collection = await openCollection('collections', { name: 'photos' });
 * const { groups } = await findDuplicates(collection);
 * for (const { best, copies } of groups) console.log(best.path, copies.map(({ picture }) => picture.path));
 */
export async function findDuplicates(
  collection: Collection,
  options: DuplicateOptions = {},
): Promise<Duplicates> {
  check('findDuplicates', schema, options);
  const { filter, exact = false, onProgress } = options;
  const model = exact ? undefined : await modelOf(collection, options.model);
  const units = await unitsOf(collection, filter);
  if (!model) return { threshold: undefined, groups: sorted(units.map((unit) => group(unit, []))) };
  const threshold = options.threshold ?? copyThreshold(await backgroundOf(collection, model.id, model.width));
  const compared = comparable(units);
  const pairs = await nearUnits(collection, model, new Set(compared.keys()), threshold, onProgress);
  const bestOf = (id: number) => compared.get(id)![0];
  const stars = starGroups(pairs, (a, b) => compareCopies(bestOf(a), bestOf(b)));
  const members = new Map(stars.map((star) => [star.centre, star.members]));
  const joined = new Set(stars.flatMap((star) => star.members.map(({ id }) => id)));
  const groups = units
    .filter(([best]) => !joined.has(best.id))
    .map((unit) =>
      group(
        unit,
        (members.get(unit[0].id) ?? []).map(({ id, cosine }) => ({ unit: compared.get(id)!, cosine })),
      ),
    );
  return { threshold, groups: sorted(groups) };
}

function group(
  [best, ...same]: Unit,
  near: readonly { readonly unit: Unit; readonly cosine: number }[],
): DuplicateGroup {
  const others = near.flatMap(({ unit, cosine }) =>
    unit.map((picture): Copy => ({ picture, cosine, exact: false })),
  );
  return { best, copies: [...exactly(same), ...others] };
}

const sorted = (groups: readonly DuplicateGroup[]): DuplicateGroup[] =>
  groups.filter(({ copies }) => copies.length > 0).sort((a, b) => b.copies.length - a.copies.length);
