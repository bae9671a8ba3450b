import type { z } from 'zod';
import { readJson } from '../../../checkpoint/files/json.ts';
import { badRead } from '../../samples/badRead.ts';
import type { BadSample } from '../../samples/sample.ts';
import { firstIssue } from '../../samples/sampleText.ts';
import {
  type CocoAnnotation,
  type CocoImage,
  cocoAnnotation,
  cocoFile,
  cocoImage,
  cocoReference,
  referenceFile,
} from './json.ts';

/** The largest annotation file: a JavaScript string holds about 2²⁹ characters. */
const MAX_BYTES = 500 * 2 ** 20;

export interface CocoIndex {
  readonly images: ReadonlyMap<string, CocoImage>;
  /** By image id. */
  readonly annotations: ReadonlyMap<string, readonly CocoAnnotation[]>;
  readonly categories: ReadonlyMap<string, string>;
  /** Referring expressions by annotation id. */
  readonly expressions: ReadonlyMap<string, readonly string[]>;
  readonly bad: readonly BadSample[];
}

/**
 * Reads annotation files and files of references and puts them together.
 * @throws Error naming the file when it can't be read or is not of the format as a whole.
 */
export async function readCoco(
  files: readonly string[],
  references: readonly string[],
  split: string | undefined,
  source: string,
): Promise<CocoIndex> {
  const bad: BadSample[] = [];
  const images = new Map<string, CocoImage>();
  const annotations = new Map<string, CocoAnnotation[]>();
  const categories = new Map<string, string>();
  const expressions = new Map<string, string[]>();

  function* checked<T>(schema: z.ZodType<T>, values: readonly unknown[], place: string): Generator<T> {
    for (const [i, value] of values.entries()) {
      const result = schema.safeParse(value);
      if (result.success) yield result.data;
      else bad.push(badRead(source, `${place}[${i}]`, 'malformed-metadata', firstIssue(result.error)).bad!);
    }
  }

  for (const file of files) {
    const content = parsedAs(cocoFile, await readJson(file, MAX_BYTES), file);
    for (const { id, name } of content.categories ?? []) categories.set(id, name);
    for (const image of checked(cocoImage, content.images, `${file}: images`)) images.set(image.id, image);
    for (const annotation of checked(cocoAnnotation, content.annotations ?? [], `${file}: annotations`))
      append(annotations, annotation.image_id, annotation);
  }
  for (const file of references) {
    const content = parsedAs(referenceFile, await readJson(file, MAX_BYTES), file);
    for (const reference of checked(cocoReference, content, `${file}: references`)) {
      if (split !== undefined && reference.split !== split) continue;
      for (const sentence of reference.sentences)
        if (sentence !== '') append(expressions, reference.ann_id, sentence);
    }
  }
  return { images, annotations, categories, expressions, bad };
}

function parsedAs<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new Error(
      `${file}: is not in COCO's format (${firstIssue(result.error)}): check which file this is.`,
    );
  return result.data;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
