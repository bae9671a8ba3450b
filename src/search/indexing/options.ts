import type { TallyReport } from '../../data/samples/tally.ts';
import type { Skipped } from '../../data/sources/folder/listFolder.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import {
  anyText,
  callback,
  flag,
  listOf,
  object,
  optional,
  positive,
  settings,
} from '../../tensor/settings.ts';
import type { PictureOptions } from '../pictures/pictures.ts';
import type { EmptiedFolder } from './listing/missing.ts';
import type { FileFate } from './summary/ledger.ts';
import type { PartlyReadReport } from './summary/partlyRead.ts';

/** The part of an encoder that embeds pictures. */
export type PictureEncoder = Pick<Encoder, 'embedImages' | 'decode' | 'preprocessing'>;

/** How far a call is. */
export interface IndexProgress {
  /** What is being done: listing folders, comparing files with what is known, reading and embedding. */
  readonly stage: 'list' | 'compare' | 'embed';
  /** Files. */
  readonly done: number;
  /** Undefined while the folders are listed. */
  readonly total?: number | undefined;
}

export interface IndexOptions {
  /** What the collection calls the encoder's model: what `load` was given. Default: `embedded`. */
  readonly modelName?: string | undefined;
  /** What is read beside image files. Default: pages of PDF documents, no videos. */
  readonly pictures?: PictureOptions | undefined;
  /**
   * Patterns of what is left out, and dropped where it is known: with a slash they name paths from the folder on, without
   * one files and folders anywhere.
   */
  readonly exclude?: readonly string[] | undefined;
  /** Leave out links to files outside of the folders, so that nothing is read there. Default false. */
  readonly insideOnly?: boolean | undefined;
  /** Try bad files again that have not changed, and those that could be read in part alone. Default false. */
  readonly retryBad?: boolean | undefined;
  /**
   * Drop also what lay in folders that have nothing in them now. Default false: it may be where a drive is mounted.
   */
  readonly dropEmptied?: boolean | undefined;
  readonly onProgress?: ((progress: IndexProgress) => void) | undefined;
  /** Stops after the pictures at hand; what is done is kept. */
  readonly signal?: AbortSignal | undefined;
}

const pictureSchema = settings<PictureOptions>({
  frames: optional(settings<NonNullable<PictureOptions['frames']>>({ everySeconds: positive })),
  pages: optional(flag),
});

export const indexSchema = settings<IndexOptions>({
  modelName: optional(anyText),
  pictures: optional(pictureSchema),
  exclude: optional(listOf(anyText)),
  insideOnly: optional(flag),
  retryBad: optional(flag),
  dropEmptied: optional(flag),
  onProgress: optional(callback()),
  signal: optional(object('an AbortSignal')),
});

/** What a call did. */
export interface IndexSummary {
  /** Files, by what became of them: see {@link FileFate}. */
  readonly files: Readonly<Record<FileFate, number>>;
  /** Pictures that the model embedded. */
  readonly embedded: number;
  /** Bad files by reason, those too that are known to be bad and were not tried again. */
  readonly bad: TallyReport;
  /** Files of which a part alone could be read, those too that are known to be so and were not tried again. */
  readonly partly: PartlyReadReport;
  /** What was left out of the folders, by the ending of its name. */
  readonly skipped: Skipped;
  /** Files that `exclude` left out. */
  readonly excluded: number;
  /** Folders that have nothing in them now; what was known of them is kept. */
  readonly emptied: readonly EmptiedFolder[];
  /** Whether it ended before all was done. */
  readonly isStopped: boolean;
}
