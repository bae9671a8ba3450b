import { posix } from 'node:path';
import { check, flag, optional, rule, settings, text } from '../../../tensor/settings.ts';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { Read } from '../../samples/sample.ts';
import { captionOf } from '../../samples/sampleText.ts';
import { captionedRead } from '../captionedRead.ts';
import { type IndexEntry, indexedSource } from '../indexed.ts';
import { type IndexedSource, type SourceOptions, sourceRules } from '../source.ts';
import { type CocoIndex, readCoco } from './annotationIndex.ts';
import type { CocoImage } from './json.ts';
import { cocoRegions } from './regions.ts';

export interface CocoOptions extends SourceOptions {
  /** Folder of the images. */
  readonly images: string;
  /** Annotation files: captions become captions, instances become regions. Files of the same images add up. */
  readonly annotations: string | readonly string[];
  /**
   * Files of references (RefCOCO, RefCOCO+, RefCOCOg as JSON: `ann_id`, `split`, `sentences`). Their sentences are the
   * texts of regions; images that nobody refers to are left out.
   */
  readonly expressions?: string | readonly string[];
  /** Takes the references of one split only, e.g. `train`. */
  readonly split?: string;
  /** Whether instances are regions by their category's name. Default: true unless there are expressions. */
  readonly categoryRegions?: boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const pathsRule = rule<string | readonly string[]>('a path or a list of paths', (value) =>
  Array.isArray(value) ? value.every(isText) : isText(value),
);

const cocoSchema = settings<CocoOptions>({
  ...sourceRules,
  images: text,
  annotations: pathsRule,
  expressions: optional(pathsRule),
  split: optional(text),
  categoryRegions: optional(flag),
});

const listed = (paths: string | readonly string[] = []): readonly string[] =>
  typeof paths === 'string' ? [paths] : paths;

/**
 * Images annotated in COCO's JSON format: captions, instances with boxes and outlines, referring expressions.
 * @throws Error when a file can't be read or is not in the format, or when no image is left; RangeError naming the option that is
 *   none.
 * @example
 * const train = await coco({ images: 'train2017', annotations: ['captions_train2017.json', 'instances_train2017.json'] });
 */
export async function coco(options: CocoOptions): Promise<IndexedSource> {
  check('coco', cocoSchema, options);
  const files = listed(options.annotations);
  const references = listed(options.expressions);
  const name = options.name ?? files.join(',');
  const index = await readCoco(files, references, options.split, name);
  const wanted = [...index.images.values()].filter(
    ({ id }) => references.length === 0 || isReferredTo(index, id),
  );
  if (wanted.length === 0) throw new Error(`${name}: no image is annotated${firstBad(index.bad)}`);
  const entries = wanted.map(
    (image): IndexEntry => ({ read: async () => readImage(image, index, name, options) }),
  );
  return indexedSource(name, [...entries, ...index.bad]);
}

/** What was wrong, where anything was. */
function firstBad(bad: CocoIndex['bad']): string {
  const [first] = bad;
  if (!first) return ': check files and split.';
  const more = bad.length > 1 ? `, and ${bad.length - 1} more` : '';
  return `: ${first.key}: ${first.detail}${more}. Repair the file, or give another.`;
}

const isReferredTo = ({ annotations, expressions }: CocoIndex, imageId: string): boolean =>
  (annotations.get(imageId) ?? []).some(({ id }) => id != null && expressions.has(id));

function readImage(image: CocoImage, index: CocoIndex, name: string, options: CocoOptions): Read {
  const { language, categoryRegions = index.expressions.size === 0 } = options;
  const path = posix.normalize(image.file_name.replaceAll('\\', '/'));
  if (/^(\/|[a-z]:|\.\.(\/|$))/i.test(path))
    return badRead(name, image.file_name, 'unsafe-path', 'leads out of the folder of images');
  const annotations = index.annotations.get(image.id) ?? [];
  try {
    const captions = annotations.flatMap(({ caption }) =>
      caption?.trim() ? [captionOf(caption, language)] : [],
    );
    const regions = annotations.flatMap((annotation) => {
      const { id, category_id: category } = annotation;
      const label = category == null || !categoryRegions ? undefined : index.categories.get(category);
      const said = (id != null && index.expressions.get(id)) || [];
      return cocoRegions(annotation, image, label ? [label, ...said] : said, language);
    });
    const sample = { key: path, source: name, image: posix.join(options.images, path), captions };
    return captionedRead(regions.length > 0 ? { ...sample, regions } : sample, options);
  } catch (error) {
    return badRead(name, path, 'malformed-metadata', messageOf(error));
  }
}
