import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { embeddedApp } from './embeddedApp.ts';
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

const { app } = await embeddedApp();

const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operationSchema)),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(await (await app.request('/openapi.json', { headers: HOST })).json());

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
);
const isOf = (part: RegExp) => operations.filter(({ path }) => part.test(path));
const programs = isOf(/^\/v1\/(embeddings|models|rerank|classify)/);
/** Those that answer anybody, whenever they ask. */
const shown = [...programs, ...isOf(/^\/v1\/(search|heatmap|patches|collections\/\{name\}\/pictures)$/)];

/** A schema of the document, to check an answer with. */
function schemaOf(schema: Readonly<Record<string, unknown>>): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
}

/** An address with names that there are. */
const addressOf = (path: string) => path.replace('{id}', 'siglip2-emoji').replace('{name}', 'emoji');

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

  it.each(shown)('$name answers its example as it says', async ({ path, operation }) => {
    const body = bodyOf(operation);
    const example = body?.example;
    if (body) expect(example).toBeDefined();
    const response = await app.request(addressOf(path), body ? json(example) : { headers: HOST });
    expect(response.status).toBe(200);
    const answer: unknown = await response.json();
    schemaOf(operation.responses['200']!.content!['application/json']!.schema!).parse(answer);
    // And no field that it does not tell of.
    expect(Object.keys(operation.responses).sort()).toContain('404');
  });

  it.each(shown.filter(({ operation }) => bodyOf(operation)))(
    '$name refuses as it says',
    async ({ path, operation }) => {
      const response = await app.request(addressOf(path), json({ limit: 'x' }));
      expect(response.status).toBe(400);
      const { schema } = operation.responses['400']!.content!['application/json']!;
      schemaOf(schema!).parse(await response.json());
    },
  );
});
