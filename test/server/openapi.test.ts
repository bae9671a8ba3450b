import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakeEncoder } from './fakeEncoder.ts';
import { appWith } from './programs/app.ts';
import { HOST, json } from './requests.ts';

const content = z.record(
  z.string(),
  z.object({ schema: z.record(z.string(), z.unknown()).optional(), example: z.unknown().optional() }),
);
const operationSchema = z.object({
  summary: z.string(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: content.optional() })),
});
type Operation = z.infer<typeof operationSchema>;

const encoder = fakeEncoder();
const model = { name: 'siglip2-emoji (embedded)', parameters: 1, width: 3, kind: 'fixed' } as const;
const more = { maxPatches: null, licence: null, trainedOn: 'nothing', limits: [] };
const app = appWith({ encoder, model: { ...model, ...more } });

const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operationSchema)),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(await (await app.request('/openapi.json', { headers: HOST })).json());

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
);
const programs = operations.filter(({ path }) => /^\/v1\/(embeddings|models|rerank|classify)/.test(path));

/** A schema of the document, to check an answer with. */
function schemaOf(schema: Readonly<Record<string, unknown>>): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
}

const bodyOf = ({ requestBody }: Operation) => requestBody?.content['application/json'];

describe('/openapi.json', () => {
  it('has every address for programs', () => {
    expect(programs.map(({ name }) => name).sort()).toEqual([
      'get /v1/models',
      'get /v1/models/{id}',
      'post /v1/classify',
      'post /v1/embeddings',
      'post /v1/rerank',
    ]);
  });

  it.each(operations.filter(({ path }) => path.startsWith('/v1/')))(
    '$name tells its errors in the shape that they have',
    ({ operation }) => {
      const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      for (const [, { content }] of errors)
        expect(content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/V1Error' });
    },
  );

  it.each(programs)('$name answers its example as it says', async ({ path, operation }) => {
    const body = bodyOf(operation);
    const example = body?.example;
    if (body) expect(example).toBeDefined();
    const address = path.replace('{id}', 'siglip2-emoji');
    const response = await app.request(address, body ? json(example) : { headers: HOST });
    expect(response.status).toBe(200);
    const answer: unknown = await response.json();
    schemaOf(operation.responses['200']!.content!['application/json']!.schema!).parse(answer);
    // And no field that it does not tell of.
    expect(Object.keys(operation.responses).sort()).toContain('404');
  });

  it.each(programs.filter(({ operation }) => bodyOf(operation)))(
    '$name refuses as it says',
    async ({ path, operation }) => {
      const response = await app.request(path, json({}));
      expect(response.status).toBe(400);
      const { schema } = operation.responses['400']!.content!['application/json']!;
      schemaOf(schema!).parse(await response.json());
    },
  );
});
