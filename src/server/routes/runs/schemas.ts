import { z } from '@hono/zod-openapi';

const state = z.enum(['running', 'finished', 'stopped']);

const summary = z.object({
  name: z.string(),
  state,
  stage: z.string().nullable().openapi({ description: 'The one that logged last.' }),
  step: z.int().openapi({ description: 'Updates done, on the line of that stage.' }),
  steps: z.int().nullable().openapi({ description: 'Updates in all; null where the run does not say.' }),
  updated: z.number().openapi({ description: 'When it last logged: milliseconds since 1970.' }),
  loss: z.number().nullable(),
});

export const runsResponse = z.object({ runs: z.array(summary) }).openapi('Runs');

const point = z.object({ x: z.number(), mean: z.number(), min: z.number(), max: z.number() });

const stage = z.object({
  name: z.string(),
  curves: z.array(z.object({ metric: z.string(), points: z.array(point) })),
});

const evaluation = z.object({
  step: z.int().openapi({ description: 'Updates on the line of the stage.' }),
  stage: z.string(),
  name: z.string().openapi({ description: 'The evaluator.' }),
  metric: z.string(),
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  chance: z.number().optional(),
});

const sample = z.object({
  title: z.string().openapi({ description: 'The caption of a picture, of which the models are asked.' }),
  image: z.string().optional().openapi({ description: 'Its address on this server.' }),
  step: z
    .int()
    .optional()
    .openapi({ description: 'Updates on the line of the stage after which was asked.' }),
  texts: z
    .array(z.object({ text: z.string(), probability: z.number() }))
    .optional()
    .openapi({ description: 'The captions that fit the picture best, as the model was then.' }),
  text: z.string().optional(),
});

export const runResponse = z
  .object({
    name: z.string(),
    state,
    stages: z.array(stage),
    evaluations: z.array(evaluation),
    samples: z.array(sample),
    skipped_lines: z
      .int()
      .openapi({ description: 'Lines of the logs that are broken; a run that was killed leaves one.' }),
  })
  .openapi('Run');

export const runParams = z.object({ name: z.string().max(255).openapi({ example: 'emoji' }) });

export const sampleParams = runParams.extend({
  picture: z.coerce.number().int().min(0).max(999).openapi({ example: 0 }),
});
