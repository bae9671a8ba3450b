import { float32ToFloat16 } from '../../checkpoint/safetensors/castFloat.ts';
import {
  atLeastZero,
  check,
  count,
  finite,
  listOf,
  oneOf,
  optional,
  rule,
  settings,
  text,
  wholeNumber,
} from '../../tensor/settings.ts';
import type { Change, NewPicture } from './change.ts';
import type { NearestOptions } from './collection.ts';
import type { PictureFilter } from './filter.ts';
import { PICTURE_KINDS } from './picture.ts';

/*
 * What every store refuses, so that all refuse the same. Each throws a RangeError that names the value.
 */

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

function need(holds: boolean, what: string, value: unknown, must: string): void {
  if (!holds) throw new RangeError(`${what} is ${show(value)}; it must be ${must}`);
}

const needNumber = (what: string, value: number | undefined): void =>
  need(value === undefined || Number.isFinite(value), what, value, 'a finite number');

const needWhole = (what: string, value: number): void =>
  need(Number.isSafeInteger(value) && value >= 0, what, value, 'a whole number of at least 0');

function checkPicture(picture: NewPicture, path: string): void {
  const { at, width, height, taken, latitude, longitude } = picture;
  needNumber(`at of a picture of ${path}`, at);
  needWhole(`width of a picture of ${path}`, width);
  needWhole(`height of a picture of ${path}`, height);
  needNumber(`taken of a picture of ${path}`, taken);
  needNumber(`latitude of a picture of ${path}`, latitude);
  needNumber(`longitude of a picture of ${path}`, longitude);
  need(
    (latitude === undefined) === (longitude === undefined),
    `latitude of ${path}`,
    latitude,
    'with a longitude',
  );
}

/** Its pictures are told apart by kind and `at`. */
export const pictureKey = ({ kind, at }: Pick<NewPicture, 'kind' | 'at'>): string => `${kind} ${at}`;

/** @throws RangeError for facts that no file or picture can have */
export function checkChange(change: Change): void {
  if (change.kind === 'gone') return;
  const { path, bytes, modified } = change.file;
  needWhole(`bytes of ${path}`, bytes);
  need(Number.isSafeInteger(modified), `modified of ${path}`, modified, 'a whole number');
  if (change.kind !== 'file') return;
  for (const picture of change.pictures) checkPicture(picture, path);
  const keys = new Set(change.pictures.map(pictureKey));
  need(keys.size === change.pictures.length, `pictures of ${path}`, [...keys], 'different in kind or at');
}

/** @throws RangeError for another width, and for numbers that are not finite */
export function checkQuery(query: Float32Array, width: number): void {
  need(query.length === width, 'width of the query', query.length, `${width}, as the model's`);
  const wrong = query.find((value) => !Number.isFinite(value));
  need(wrong === undefined, 'a value of the query', wrong, 'finite');
}

/**
 * A vector as stores keep it.
 * @throws RangeError for another width, and for numbers that are not finite as float16
 */
export function toStored(vector: Float32Array, width: number, path: string): Uint16Array {
  need(vector.length === width, `width of a vector of ${path}`, vector.length, `${width}, as the model's`);
  const half = float32ToFloat16(vector);
  const wrong = half.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  need(wrong === -1, `a value of a vector of ${path}`, vector[wrong], 'finite, and at most 65504');
  return half;
}

const MOST_NEAREST = 10_000;

const filterRule = settings<PictureFilter>({
  folder: optional(text),
  from: optional(finite),
  before: optional(finite),
  minBytes: optional(finite),
  maxBytes: optional(finite),
  minSide: optional(finite),
  maxSide: optional(finite),
  near: optional(
    settings<NonNullable<PictureFilter['near']>>({
      latitude: finite,
      longitude: finite,
      kilometres: atLeastZero,
    }),
  ),
  kinds: optional(listOf(oneOf(PICTURE_KINDS))),
  without: optional(listOf(wholeNumber)),
});

const nearestRule = settings<NearestOptions>({
  limit: rule(
    `a whole number, 1 … ${MOST_NEAREST}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST_NEAREST,
  ),
  filter: optional(filterRule),
});

/** @throws RangeError */
export const checkLimit = (limit: number): void => check('limit', count, limit);

/** @throws RangeError */
export const checkNearest = (options: NearestOptions): void => check('nearest', nearestRule, options);

/** @throws RangeError */
export const checkFilter = (filter: PictureFilter = {}): void => check('filter', filterRule, filter);
