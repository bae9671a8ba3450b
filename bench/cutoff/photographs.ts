import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../src/checkpoint/files/json.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { COMMON_QUERIES } from '../../src/search/cutoff/commonQueries.ts';
import { row } from '../../src/search/cutoff/scores.ts';
import type { World } from './world.ts';

const instancesSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string() })),
  annotations: z.array(z.object({ image_id: z.number(), category_id: z.number() })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});

/**
 * Photographs of COCO, asked for with the names of its categories: present where one is annotated.
 * @param folder has `coco/train2017` and `coco/annotations/instances_train2017.json`
 */
export async function photographWorld(encoder: Encoder, folder: string): Promise<World> {
  const file = join(folder, 'coco/annotations/instances_train2017.json');
  const { images, annotations, categories } = instancesSchema.parse(await readJson(file));
  const paths = images.map((image) => join(folder, 'coco/train2017', image.file_name));
  const names = await encoder.embedTexts(categories.map(({ name }) => name));
  const rightFor = (category: number) =>
    new Set(
      images.flatMap(({ id }, at) =>
        annotations.some((one) => one.image_id === id && one.category_id === category) ? [at] : [],
      ),
    );
  return {
    group: `${images.length} photographs`,
    kind: 'text',
    scalars: encoder.logitScalars,
    pictures: await encoder.embedImages(paths),
    common: await encoder.embedTexts(COMMON_QUERIES),
    asked: categories.map(({ id }, i) => ({ query: row(names, i), right: rightFor(id) })),
    weight: 1,
  };
}
