import { createRoute, z } from '@hono/zod-openapi';
import type { Templates } from '../../../encoder/classify.ts';
import { labelPrompts } from '../../../encoder/classify.ts';
import type { Encoder } from '../../../encoder/encoder.ts';
import { PROMPT_TEMPLATES, type PromptTemplatesName } from '../../../input/text/prompts.ts';
import { EXAMPLE_IMAGE, itemsSchema } from '../../items/itemSchema.ts';
import { imagesOf } from '../../items/kinds.ts';
import { withItemImages } from '../../items/withItemImages.ts';
import { LIMITS } from '../../requests/limits.ts';
import { patchesFor } from '../../requests/patches.ts';
import { receiveItems } from '../../requests/receive.ts';
import { fitsText } from '../../schemas.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { maxPatchesField } from '../fields.ts';
import { type Route, routeApp } from '../route.ts';
import { modelField, servedModel } from './servedModel.ts';

const shortText = z
  .string()
  .refine((text) => text.trim() !== '', 'is empty')
  .refine(fitsText, `has more than the limit of ${LIMITS.textBytes} bytes`);

const names = Object.keys(PROMPT_TEMPLATES) as [PromptTemplatesName, ...PromptTemplatesName[]];

/** As many as the longest named list has. */
const MOST_TEMPLATES = PROMPT_TEMPLATES.clip_paper.length;

const templates = z.union([
  z.enum(names),
  z
    .array(shortText.refine((text) => text.includes('{}'), 'has no "{}": write it where the label belongs'))
    .min(1, 'needs at least one template')
    .max(MOST_TEMPLATES, `has more than the limit of ${MOST_TEMPLATES} templates`),
]);

const labels = z
  .array(shortText)
  .min(1, 'needs at least one label')
  .max(LIMITS.texts, `has more than the limit of ${LIMITS.texts} labels`);

const classifyRequest = z
  .strictObject({
    model: modelField,
    input: itemsSchema('input', LIMITS.images),
    labels,
    templates: templates.optional().openapi({
      description:
        'Sentences with {} for the label, or the name of a list of them. Default: what the model was trained for.',
    }),
    max_patches: maxPatchesField,
  })
  .openapi('V1ClassifyRequest');

const classifyResponse = z
  .object({
    model: z.string(),
    data: z.array(
      z.object({
        index: z.int(),
        scores: z.array(z.object({ label: z.string(), probability: z.number().min(0).max(1) })),
      }),
    ),
    truncated_labels: z.array(z.string()).openapi({
      description: 'Labels with which a sentence is longer than what the model reads.',
    }),
  })
  .openapi('V1ClassifyResponse');

const route = createRoute({
  method: 'post',
  path: '/v1/classify',
  summary: 'Zero-shot classification: how well each label fits each image',
  description:
    'Every label of an image with its probability, best first. Labels are judged independently: probabilities need not sum to 1.',
  request: jsonBody(classifyRequest, {
    model: 'siglip2-emoji',
    input: { image: EXAMPLE_IMAGE },
    labels: ['a red square', 'a dog'],
    templates: ['{}'],
  }),
  responses: v1Answers('The labels of each image, in the order of the images.', classifyResponse),
});

/** Labels of which the model does not read a whole sentence. */
async function cutLabels(
  encoder: Pick<Encoder, 'countTokens'>,
  labels: readonly string[],
  templates: Templates,
): Promise<string[]> {
  const prompts = labelPrompts(labels, templates);
  const counts = await encoder.countTokens(prompts.flat());
  const each = prompts[0]?.length ?? 1;
  return labels.filter((_, i) => counts.slice(i * each, (i + 1) * each).some(({ isCut }) => isCut));
}

export const classifyItemsRoute = {
  name: 'v1 classify',
  app(work: Work) {
    const { encoder, model, reception } = work;
    return routeApp().openapi({ ...route, middleware: receiveItems(reception) }, async (context) => {
      const asked = context.req.valid('json');
      const id = servedModel(model, asked.model);
      const images = imagesOf(asked.input, 'input');
      const maxNumPatches = patchesFor(encoder, asked.max_patches, 'max_patches');
      const { signal } = context.req.raw;
      const different = [...new Set(asked.labels)];
      const { templates = encoder.templates } = asked;
      const truncated = await cutLabels(encoder, different, templates);
      const scores = await withItemImages(work, { images, signal, maxNumPatches }, (fitted) =>
        encoder.classify(fitted, different, { templates, maxNumPatches }),
      );
      const data = scores.map((one, index) => ({ index, scores: one }));
      return context.json({ model: id, data, truncated_labels: truncated }, 200);
    });
  },
} satisfies Route;
