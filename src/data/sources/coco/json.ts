import { z } from 'zod';

const id = z.union([z.number(), z.string()]).transform(String);

const text = z.string().min(1);

export const cocoImage = z
  .object({
    id,
    file_name: text.nullish(),
    /** LVIS names its images of COCO by their addresses alone. */
    coco_url: text.nullish(),
    width: z.number().positive().nullish(),
    height: z.number().positive().nullish(),
  })
  .transform(({ file_name, coco_url, ...rest }, context) => {
    const name = file_name ?? coco_url?.split(/[/?#]/).findLast((part) => part !== '');
    if (name !== undefined) return { ...rest, file_name: name };
    context.addIssue({ code: 'custom', path: ['file_name'], message: 'is missing, and so is coco_url' });
    return z.NEVER;
  });
export type CocoImage = z.output<typeof cocoImage>;

export const cocoAnnotation = z.object({
  id: id.nullish(),
  image_id: id,
  caption: z.string().nullish(),
  /** x, y, width, height in pixels. */
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
  category_id: id.nullish(),
  /** Polygons of x, y pairs in pixels. The other form, run lengths, stands for crowds. */
  segmentation: z.union([z.array(z.array(z.number())), z.looseObject({ counts: z.unknown() })]).nullish(),
  iscrowd: z.union([z.number(), z.boolean()]).nullish(),
});
export type CocoAnnotation = z.infer<typeof cocoAnnotation>;

const cocoCategory = z.object({ id, name: z.string().min(1) });

/** The frame of an annotation file; its entries are checked one by one, so that one bad entry is no bad file. */
export const cocoFile = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()).nullish(),
  categories: z.array(cocoCategory).nullish(),
});

const sentence = z
  .union([z.string(), z.object({ sent: z.string().nullish(), raw: z.string().nullish() })])
  .transform((value) => (typeof value === 'string' ? value : (value.sent ?? value.raw ?? '')).trim());

/** A reference of RefCOCO, RefCOCO+ or RefCOCOg: sentences for one annotation. */
export const cocoReference = z.object({
  ann_id: id,
  split: z.string().nullish(),
  sentences: z.array(sentence),
});

export const referenceFile = z.union([
  z.array(z.unknown()),
  z.object({ refs: z.array(z.unknown()) }).transform(({ refs }) => refs),
]);
