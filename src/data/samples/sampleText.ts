import { z } from 'zod';
import { decodeText } from '../../input/text/textFile.ts';
import { parseMetadata } from './metadataJson.ts';
import type { Caption, Region } from './sample.ts';

const share = z.number().min(0).max(1);

const regionJson = z.object({
  box: z
    .object({ y1: share, x1: share, y2: share, x2: share })
    .refine(({ y1, x1, y2, x2 }) => y2 > y1 && x2 > x1, 'the box is empty'),
  text: z.string().min(1),
  language: z.string().nullish(),
  score: share.nullish(),
  polygons: z.array(z.array(share)).nullish(),
});

const captionJson = z.union([z.string(), z.object({ text: z.string(), language: z.string().nullish() })]);

/** Captions, a text or a list of them; what is odd in a list costs its own place. */
const captionsJson = z.union([z.string(), z.array(z.unknown())]);

/** Programs count, too. */
const keyJson = z.union([z.string(), z.number().transform(String)]);

/** The fields of a sample's metadata that are understood, as several tools spell them; others are ignored. */
const FIELDS = {
  key: keyJson,
  captions: captionsJson,
  caption: captionsJson,
  text: captionsJson,
  language: z.string(),
  lang: z.string(),
  regions: z.array(z.unknown()),
} as const;

type Fields = { readonly [K in keyof typeof FIELDS]?: z.infer<(typeof FIELDS)[K]> };

/** What metadata says about an image. */
export interface SampleText {
  readonly key?: string;
  readonly captions: readonly Caption[];
  readonly regions?: readonly Region[];
  /** What of it could not be used, in sentences that begin with the field. */
  readonly odd?: readonly string[];
}

/** A caption without surrounding space; the language is left out where it is unknown. */
export const captionOf = (text: string, language?: string | null): Caption => ({
  text: text.trim(),
  ...(language && { language }),
});

/** Takes values one by one: one that is odd costs itself, and is told of. */
function reader(odd: string[]) {
  return <T>(schema: z.ZodType<T>, value: unknown, place: string): T[] => {
    if (value === undefined || value === null) return [];
    const result = schema.safeParse(value);
    if (result.success) return [result.data];
    const { path, message } = result.error.issues[0]!;
    odd.push(`${[place, ...path].join('.')}: ${message}`);
    return [];
  };
}

/**
 * Captions and regions of metadata in our form; empty captions are dropped. A field that is odd costs that field: what it
 * says beside is used.
 * @param language of captions for which nothing is said
 */
export function sampleText(json: object, language?: string): SampleText {
  const odd: string[] = [];
  const take = reader(odd);
  const fields: Fields = Object.fromEntries(
    Object.entries(FIELDS).flatMap(([name, schema]) =>
      take<unknown>(schema, Reflect.get(json, name), name).map((value) => [name, value] as const),
    ),
  );
  const common = fields.language ?? fields.lang ?? language;
  const stated = fields.captions ?? fields.caption ?? fields.text ?? [];
  const captions = (typeof stated === 'string' ? [stated] : stated)
    .flatMap((caption, i) => take(captionJson, caption, `captions.${i}`))
    .map((caption) =>
      typeof caption === 'string'
        ? captionOf(caption, common)
        : captionOf(caption.text, caption.language ?? common),
    )
    .filter(({ text }) => text !== '');
  const regions = (fields.regions ?? [])
    .flatMap((region, i) => take(regionJson, region, `regions.${i}`))
    .map(
      ({ box, text, language: own, score, polygons }): Region => ({
        box,
        ...captionOf(text, own ?? common),
        ...(score != null && { score }),
        ...(polygons != null && { polygons }),
      }),
    );
  return {
    ...(fields.key && { key: fields.key }),
    captions,
    ...(regions.length > 0 && { regions }),
    ...(odd.length > 0 && { odd }),
  };
}

/**
 * Metadata from the bytes of a JSON file.
 * @throws Error naming the file when it is not text or not a JSON object.
 */
export function parseSampleText(bytes: Uint8Array, name: string, language?: string): SampleText {
  const json = parseMetadata(decodeText(bytes, name), name);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error(
      `${name}: expected an object, got ${Array.isArray(json) ? 'a list' : JSON.stringify(json)}`,
    );
  return sampleText(json, language);
}

/** One caption per line that is not empty. */
export const captionLines = (bytes: Uint8Array, name: string, language?: string): Caption[] =>
  decodeText(bytes, name)
    .split('\n')
    .map((line) => captionOf(line, language))
    .filter(({ text }) => text !== '');

/** The first thing that zod found wrong, with the field's path. */
export function firstIssue(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return `${path.join('.') || 'value'}: ${message}`;
}
