import type { FileFacts, PictureFacts } from './picture.ts';

/** A picture as it is added: its vector is of unit length, [width of the model]; stores keep it as float16. */
export interface NewPicture extends PictureFacts {
  readonly vector: Float32Array;
}

/** One change of a collection. */
export type Change =
  /**
   * A file with all of its pictures, embedded. Where the path is known with the same `hash` and `how`, its pictures keep
   * their ids (matched by kind and `at`) and get this model's vectors beside those of other models; else what was known of
   * the path is gone first.
   */
  | { readonly kind: 'file'; readonly file: FileFacts; readonly pictures: readonly NewPicture[] }
  /**
   * A path that cannot be read, and why: it is not tried again until it changes. It has no pictures; `hash` is empty where
   * its bytes could not be read either.
   */
  | { readonly kind: 'bad'; readonly file: FileFacts; readonly reason: string }
  /**
   * A file that now lies at `file.path`: its pictures keep their ids and vectors. What was known of that path is gone,
   * except where it is `from` itself: a file that was touched.
   */
  | { readonly kind: 'move'; readonly from: string; readonly file: FileFacts }
  /** A path that is no longer there. Unknown paths are nothing to do. */
  | { readonly kind: 'gone'; readonly path: string };
