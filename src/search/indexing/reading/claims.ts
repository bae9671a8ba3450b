import type { NewPicture } from '../../collection/change.ts';
import type { StoredFile } from '../../collection/collection.ts';
import type { FileFacts } from '../../collection/picture.ts';
import { contentKey } from './sources.ts';

/** A file, and what was known of its path. */
export interface ClaimedFile {
  readonly file: FileFacts;
  readonly known?: StoredFile | undefined;
}

/** Content that is being read and embedded, for all files that have it. */
export interface Claim {
  readonly key: string;
  /** Files with the same content that came while it was being worked on. */
  readonly followers: ClaimedFile[];
  /** What came out. */
  outcome?: ClaimOutcome | undefined;
}

export type ClaimOutcome =
  | { readonly pictures: readonly NewPicture[]; readonly reason?: undefined }
  | { readonly reason: string; readonly pictures?: undefined }
  /** Nothing can be said: the file changed, or the model's answer was no number. */
  | { readonly pictures?: undefined; readonly reason?: undefined };

/** Content at work, so that copies that lie side by side are embedded once. */
export interface Claims {
  /** The claim of content that is at work, or a new one that is now the caller's to fulfil. */
  of(file: FileFacts): { readonly claim: Claim; readonly isNew: boolean };
  /** Its outcome is written: others find it in the collection. */
  release(claim: Claim): void;
}

export function createClaims(): Claims {
  const open = new Map<string, Claim>();
  return {
    of(file) {
      const key = contentKey(file);
      const known = open.get(key);
      if (known) return { claim: known, isNew: false };
      const claim: Claim = { key, followers: [] };
      open.set(key, claim);
      return { claim, isNew: true };
    },
    release(claim) {
      if (open.get(claim.key) === claim) open.delete(claim.key);
    },
  };
}
