import { z } from 'zod';
import type { Collection } from '../../collection/collection.ts';
import { contentKey } from '../reading/sources.ts';

const KEY = 'read in part';

/** Files that the report names. */
const EXAMPLES = 10;

type Content = Parameters<typeof contentKey>[0];

/** Files of which a part could not be read: a video that breaks off, a document with a page that can't be drawn. */
export interface PartlyReadReport {
  /** Files. */
  readonly count: number;
  /** The first ones, and what of each is missing. */
  readonly examples: readonly { readonly path: string; readonly missing: string }[];
}

/** What a collection remembers of content that was read in part: it follows the content wherever that is moved or copied. */
export interface PartlyRead {
  /** Whether a part of this content could not be read. */
  has(content: Content): boolean;
  /** Notes what is missing of content, or that nothing is. */
  set(content: Content, missing: string | undefined): void;
  /** Writes what was noted. Before the pictures: what a kill leaves between them is found again. */
  save(): Promise<void>;
  /** Counts the files that it says something of, and forgets content that no file has. */
  report(model: number, covers: (path: string) => boolean): Promise<PartlyReadReport>;
}

const schema = z.record(z.string(), z.string());

export async function openPartlyRead(collection: Collection): Promise<PartlyRead> {
  const known = new Map(Object.entries(schema.catch({}).parse((await collection.note(KEY)) ?? {})));
  let isSaved = true;
  const partly: PartlyRead = {
    has: (content) => known.size > 0 && known.has(contentKey(content)),
    set(content, missing) {
      const key = contentKey(content);
      if (known.get(key) === missing) return;
      if (missing === undefined) known.delete(key);
      else known.set(key, missing);
      isSaved = false;
    },
    async save() {
      if (isSaved) return;
      isSaved = true;
      await collection.setNote(KEY, Object.fromEntries(known));
    },
    async report(model, covers) {
      const examples: { path: string; missing: string }[] = [];
      let count = 0;
      if (known.size === 0) return { count, examples };
      const seen = new Set<string>();
      for await (const file of collection.files(model)) {
        const key = contentKey(file);
        const missing = known.get(key);
        if (missing === undefined || file.bad !== undefined) continue;
        seen.add(key);
        if (!covers(file.path)) continue;
        count++;
        if (examples.length < EXAMPLES) examples.push({ path: file.path, missing });
      }
      for (const key of [...known.keys()])
        if (!seen.has(key)) {
          known.delete(key);
          isSaved = false;
        }
      await partly.save();
      return { count, examples };
    },
  };
  return partly;
}

/** For people: a line of what there is, then one for each of the first files; empty where there is none. */
export function partlyReadText({ count, examples }: PartlyReadReport): string {
  if (count === 0) return '';
  const shown = examples.map(({ path, missing }) => `  ${path}: ${missing}`);
  const more = count > examples.length ? [`  and ${count - examples.length} more`] : [];
  return [`${count} ${count === 1 ? 'file' : 'files'} read in part:`, ...shown, ...more].join('\n');
}
