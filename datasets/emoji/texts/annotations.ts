import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { locatePackage } from '../packages.ts';
import { sequenceId } from './sequence.ts';

/**
 * CLDR annotations: for each locale the spoken name ("tts") and the search keywords ("default") of emoji.
 *
 * Two packages carry them: the characters themselves, and names derived from them for sequences (skin tones,
 * flags, keycaps, families); they are merged. Locales are taken as they stand in the files, with no inheritance:
 * a regional variant (en-AU, es-MX, zh-Hant-HK) holds only its differences, and filling it from its parent
 * would repeat the parent's strings as if they were another language. Script variants (sr-Latn, zh-Hant,
 * yue-Hans, kk-Arab) hold full data of their own and are locales like any other.
 */
export interface LocaleAnnotations {
  readonly locale: string;
  /** Spoken name by sequence identifier. */
  readonly names: ReadonlyMap<string, string>;
  /** Search keywords by sequence identifier. */
  readonly keywords: ReadonlyMap<string, readonly string[]>;
}

const annotationSchema = z.record(
  z.string(),
  z.object({ tts: z.array(z.string()).optional(), default: z.array(z.string()).optional() }),
);
const mainSchema = z.object({ annotations: z.object({ annotations: annotationSchema.optional() }) });
const derivedSchema = z.object({
  annotationsDerived: z.object({ annotations: annotationSchema.optional() }),
});

type Annotations = z.infer<typeof annotationSchema>;

const sources = [
  {
    name: 'cldr-annotations-full',
    folder: 'annotations',
    parse: (json: unknown): Annotations => mainSchema.parse(json).annotations.annotations ?? {},
  },
  {
    name: 'cldr-annotations-derived-full',
    folder: 'annotationsDerived',
    parse: (json: unknown): Annotations => derivedSchema.parse(json).annotationsDerived.annotations ?? {},
  },
] as const;

/** The form in which two strings are the same text: NFC, single spaces, lower case. */
export function canonicalText(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

function tidy(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** All locale identifiers of the installed annotations, sorted. */
async function listLocales(): Promise<string[]> {
  const folders = await Promise.all(
    sources.map((source) => readdir(join(locatePackage(source.name).directory, source.folder))),
  );
  return [...new Set(folders.flat())].sort();
}

/**
 * Reads one locale. A CLDR name is one string; in the few cases where a translator's separator split it, the
 * parts are joined with a comma. A locale without a file in either package gives empty maps.
 * @param wanted the sequences to keep; all by default
 */
export async function readAnnotations(
  locale: string,
  wanted?: ReadonlySet<string>,
): Promise<LocaleAnnotations> {
  const names = new Map<string, string>();
  const keywords = new Map<string, readonly string[]>();
  for (const source of sources) {
    const folder = join(locatePackage(source.name).directory, source.folder);
    if (!(await readdir(folder)).includes(locale)) continue;
    const annotations = source.parse(await readJson(join(folder, locale, 'annotations.json')));
    for (const [emoji, { tts = [], default: words = [] }] of Object.entries(annotations)) {
      const id = sequenceId(emoji);
      if (wanted !== undefined && !wanted.has(id)) continue;
      const name = tidy(tts.join(', '));
      if (name !== '') names.set(id, name);
      const kept = [...new Set(words.map(tidy))].filter((word) => word !== '' && word !== name);
      if (kept.length > 0) keywords.set(id, kept);
    }
  }
  return { locale, names, keywords };
}

/**
 * Reads every locale that names at least `minimumNames` of the given sequences, sorted by identifier.
 * Only the given sequences are kept. All of CLDR 48 is 155 MB of JSON and takes about five seconds.
 * @param locales where to look; all by default
 */
export async function readLocales(
  ids: readonly string[],
  minimumNames: number,
  locales?: readonly string[],
): Promise<LocaleAnnotations[]> {
  const wanted = new Set(ids);
  const result: LocaleAnnotations[] = [];
  for (const locale of locales?.toSorted() ?? (await listLocales())) {
    const annotations = await readAnnotations(locale, wanted);
    if (annotations.names.size >= minimumNames) result.push(annotations);
  }
  return result;
}
