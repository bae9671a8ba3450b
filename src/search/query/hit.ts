import type { Picture } from '../collection/picture.ts';

/** A picture that a search found. */
export interface FoundPicture {
  readonly picture: Picture;
  /** Cosine with the query, −1 … 1. */
  readonly score: number;
  /** How probable it is that the picture shows what is looked for, 0 … 1. */
  readonly probability: number;
  /** Whether it is above the cut-off. */
  readonly fits: boolean;
}

/** A found picture, with those that would only repeat it. */
export interface SearchHit extends FoundPicture {
  /** Further frames of the same video, pages of the same document, and exact copies, best first. */
  readonly more: readonly FoundPicture[];
}

/** What a search found. */
export interface SearchResult {
  /** Best first: for texts the most probable, for images the nearest. Those that fit, or with `all` the nearest, whether they fit or not. */
  readonly hits: readonly SearchHit[];
  /** Whether any picture fits. */
  readonly fits: boolean;
  /** Texts of the query that are longer than the model reads, of which the end was left out. */
  readonly cutTexts: readonly string[];
  /** The query as one vector of unit length, [d], e.g. for {@link findRegion}. */
  readonly vector: Float32Array;
}

/**
 * Puts pictures with the same bytes behind the best of them: frames of a video, pages of a document, and copies of files.
 * @param found best first
 */
export function groupHits(found: readonly FoundPicture[]): SearchHit[] {
  const groups = new Map<string, FoundPicture[]>();
  for (const one of found) {
    const group = groups.get(one.picture.hash);
    if (group) group.push(one);
    else groups.set(one.picture.hash, [one]);
  }
  return [...groups.values()].map(([best, ...more]) => ({ ...best!, more }));
}
