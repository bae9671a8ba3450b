import type { EncoderImage } from '../../input/image/imageSource.ts';
import { consistent, count, listOf, optional, rule, settings } from '../../tensor/settings.ts';

/** What a query names: texts in any language, images, and pictures of the collection, by id. */
export interface QueryParts {
  /** Not empty, and not of spaces alone. */
  readonly texts?: readonly string[] | undefined;
  /** Image files (paths or bytes), or decoded images. */
  readonly images?: readonly EncoderImage[] | undefined;
  /** Ids of pictures of the collection: what is like them, without embedding them again. They are left out themselves. */
  readonly like?: readonly number[] | undefined;
}

/** What is looked for: pictures that are like all of the parts together, and unlike each part of `not`. */
export interface Query extends QueryParts {
  readonly not?: QueryParts | undefined;
}

const filledText = rule<string>(
  'a text that is not empty',
  (value) => typeof value === 'string' && value.trim() !== '',
);
const image = rule<EncoderImage>(
  'an image: a path, bytes, or decoded pixels',
  (value) => (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null),
);
const partRules = {
  texts: optional(listOf(filledText)),
  images: optional(listOf(image)),
  like: optional(listOf(count)),
};

const isEmpty = ({ texts = [], images = [], like = [] }: QueryParts): boolean =>
  texts.length + images.length + like.length === 0;

export const querySchema = consistent(
  settings<Query>({ ...partRules, not: optional(settings<QueryParts>(partRules)) }),
  (query) => {
    if (!isEmpty(query)) return undefined;
    return query.not && !isEmpty(query.not)
      ? 'says only what is not looked for; say also what is: texts, images or like'
      : 'asks for nothing; give texts, images or like';
  },
);

/** A text alone is a query too. */
export const toQuery = (query: string | Query): Query =>
  typeof query === 'string' ? { texts: [query] } : query;

/** Ids of pictures that a query starts from. */
export const likeIds = ({ like = [], not }: Query): number[] => [...like, ...(not?.like ?? [])];
