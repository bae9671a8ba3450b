import { createRoute, z } from '@hono/zod-openapi';
import type { Encoder } from '../../../encoder/encoder.ts';
import { dot } from '../../../search/query/vectors/vectors.ts';
import { embedItems } from '../../items/embedItems.ts';
import type { Item } from '../../items/item.ts';
import { itemSchema, itemsSchema } from '../../items/itemSchema.ts';
import { badRequest } from '../../requests/errors.ts';
import { LIMITS } from '../../requests/limits.ts';
import { patchesFor } from '../../requests/patches.ts';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { maxPatchesField, usageSchema } from '../fields.ts';
import { type Route, routeApp } from '../route.ts';
import { modelField, servedModel } from './servedModel.ts';

const rerankRequest = z
  .strictObject({
    model: modelField,
    query: itemSchema('query'),
    documents: itemsSchema('documents'),
    top_n: z.int().min(1).optional().openapi({ description: 'Most results. Default: all documents.' }),
    return_documents: z.boolean().default(false).openapi({
      description: 'Texts are given back with their results; images are not.',
    }),
    max_patches: maxPatchesField,
  })
  .openapi('RerankRequest');

const rerankResponse = z
  .object({
    model: z.string(),
    results: z.array(
      z.object({
        index: z.int().openapi({ description: 'The place of the document in the request.' }),
        relevance_score: z.number().openapi({
          description:
            'Of an image and a text: the probability that they match. Of two of one kind: the cosine of their embeddings.',
        }),
        document: z.object({ text: z.string() }).optional(),
      }),
    ),
    usage: usageSchema,
    truncated: z.array(z.int()).openapi({
      description: 'The places of those documents of which the model read the beginning only.',
    }),
    query_truncated: z.boolean(),
  })
  .openapi('RerankResponse');

const route = createRoute({
  method: 'post',
  path: '/v1/rerank',
  summary: 'Documents in the order in which they fit a query',
  description: `At most ${LIMITS.items} documents, all texts or at most ${LIMITS.images} images.`,
  request: jsonBody(rerankRequest, {
    model: 'siglip2-emoji',
    query: '강아지',
    documents: ['a dog', 'a fire engine', { text: 'un chien' }],
    top_n: 2,
    return_documents: true,
  }),
  responses: v1Answers('The best documents, best first.', rerankResponse),
});

/** @throws HTTPException 400 when documents are of both kinds: a probability and a cosine cannot be compared */
function checkOneKind(documents: readonly Item[]): void {
  const other = documents.findIndex(({ kind }) => kind !== documents[0]?.kind);
  if (other < 0) return;
  throw badRequest(
    `documents.${other}: is ${documents[other]?.kind === 'text' ? 'a text' : 'an image'}, those before it are not, and scores of both kinds cannot be compared: send them in two requests`,
    `documents.${other}`,
  );
}

/** How well a document fits the query, by the product of their embeddings. */
function scorer(query: Item, documents: readonly Item[], { logitScalars }: Pick<Encoder, 'logitScalars'>) {
  const { logTemperature, bias } = logitScalars;
  if (query.kind === documents[0]?.kind) return (cosine: number) => cosine;
  return (cosine: number) => 1 / (1 + Math.exp(-(Math.exp(logTemperature) * cosine + bias)));
}

export const rerankRoute = {
  name: 'v1 rerank',
  app(work: Work) {
    const { encoder, model, reception } = work;
    return routeApp().openapi({ ...route, middleware: receiveItems(reception) }, async (context) => {
      const asked = context.req.valid('json');
      const id = servedModel(model, asked.model);
      const { query, documents } = asked;
      checkOneKind(documents);
      const maxNumPatches = patchesFor(encoder, asked.max_patches, 'max_patches');
      const { signal } = context.req.raw;
      const { rows, tokens, cut } = await embedItems(work, [query, ...documents], { signal, maxNumPatches });
      const [first, ...others] = rows;
      const score = scorer(query, documents, encoder);
      const results = others
        .map((row, index) => {
          const document = documents[index];
          return {
            index,
            relevance_score: score(dot(first!, row)),
            ...(asked.return_documents && document?.kind === 'text' && { document: { text: document.text } }),
          };
        })
        .sort((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, asked.top_n);
      const usage = { prompt_tokens: tokens, total_tokens: tokens };
      const truncated = cut.filter((place) => place > 0).map((place) => place - 1);
      return context.json({ model: id, results, usage, truncated, query_truncated: cut.includes(0) }, 200);
    });
  },
} satisfies Route;
