import { z } from 'zod';
import { parseJson } from '../checkpoint/json.ts';
import { decodeText } from '../input/text/textFile.ts';
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

/** The fields of a sample's metadata that are understood, as several tools spell them; others are ignored. */
export const sampleJson = z.object({
  key: z.string().nullish(),
  captions: z.union([z.string(), z.array(captionJson)]).nullish(),
  caption: z.string().nullish(),
  text: z.union([z.string(), z.array(captionJson)]).nullish(),
  language: z.string().nullish(),
  lang: z.string().nullish(),
  regions: z.array(regionJson).nullish(),
});

export type SampleJson = z.infer<typeof sampleJson>;

/** What metadata says about an image. */
export interface SampleText {
  readonly key?: string;
  readonly captions: readonly Caption[];
  readonly regions?: readonly Region[];
}

/** A caption without surrounding space; the language is left out where it is unknown. */
export const captionOf = (text: string, language?: string | null): Caption => ({
  text: text.trim(),
  ...(language && { language }),
});

/** Captions and regions in our form; empty captions are dropped. */
export function sampleText(json: SampleJson, language?: string): SampleText {
  const stated = json.captions ?? json.caption ?? json.text ?? [];
  const common = json.language ?? json.lang ?? language;
  const captions = (typeof stated === 'string' ? [stated] : stated)
    .map((caption) =>
      typeof caption === 'string'
        ? captionOf(caption, common)
        : captionOf(caption.text, caption.language ?? common),
    )
    .filter(({ text }) => text !== '');
  const regions = json.regions?.map(
    ({ box, text, language: own, score, polygons }): Region => ({
      box,
      ...captionOf(text, own ?? common),
      ...(score != null && { score }),
      ...(polygons != null && { polygons }),
    }),
  );
  return { ...(json.key && { key: json.key }), captions, ...(regions && regions.length > 0 && { regions }) };
}

/**
 * Metadata from the bytes of a JSON file.
 * @throws Error naming the file when it is not text, not JSON, or a field has the wrong type.
 */
export function parseSampleText(bytes: Uint8Array, name: string, language?: string): SampleText {
  const result = sampleJson.safeParse(parseJson(decodeText(bytes, name), name));
  if (!result.success) throw new Error(`${name}: ${firstIssue(result.error)}`);
  return sampleText(result.data, language);
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
