import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../requests.ts';
import { appWith, ask, pngUri } from './app.ts';

const app = appWith();

const AXES = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] } as const;
const uris = {
  red: await pngUri(255, 0, 0),
  green: await pngUri(0, 255, 0),
  blue: await pngUri(0, 0, 255),
};

const answerSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.number(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }),
  truncated: z.array(z.number()),
});

async function embed(body: object) {
  const { status, answer } = await ask(app, '/v1/embeddings', body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return answerSchema.parse(answer);
}

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

async function refused(body: unknown, to = app) {
  const { status, answer } = await ask(to, '/v1/embeddings', body);
  return { status, ...errorSchema.parse(answer).error };
}

describe('POST /v1/embeddings', () => {
  it('answers in the order of the items, of whatever kinds they are', async () => {
    const item = fc.record({
      colour: fc.constantFrom<keyof typeof AXES>('red', 'green', 'blue'),
      form: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
        const input = items.map(({ colour, form }) =>
          form === 0 ? colour : form === 1 ? { text: colour } : { image: uris[colour] },
        );
        const { data } = await embed({ input });
        expect(data.map(({ index }) => index)).toEqual([...items.keys()]);
        expect(data.map(({ embedding }) => embedding)).toEqual(items.map(({ colour }) => AXES[colour]));
      }),
      { numRuns: 15 },
    );
  });

  it('takes one item, and gives base64 of little-endian float32', async () => {
    const { data } = await embed({ input: 'red green', encoding_format: 'base64' });
    const bytes = Buffer.from(z.string().parse(data[0]?.embedding), 'base64');
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual([
      Math.fround(Math.SQRT1_2),
      Math.fround(Math.SQRT1_2),
      0,
    ]);
    expect(bytes.length).toBe(12);
  });

  it('counts what the model reads, and says which texts it does not read whole', async () => {
    const long = 'one two three four five six seven eight nine red';
    const { usage, truncated } = await embed({ input: ['red', long, { image: uris.red }, long] });
    // Two of a word and its end, eight of each long text, and nine patches.
    expect(usage).toEqual({ prompt_tokens: 2 + 8 + 9 + 8, total_tokens: 27 });
    expect(truncated).toEqual([1, 3]);
  });

  it('knows the model by its id, or by none', async () => {
    for (const model of [undefined, '', 'org/a-model'])
      expect((await embed({ model, input: 'red' })).model).toBe('org/a-model');
    expect(await refused({ model: 'text-embedding-3-small', input: 'red' })).toMatchObject({
      status: 404,
      type: 'not_found_error',
      code: 'model_not_found',
      param: 'model',
      message: expect.stringMatching(/"text-embedding-3-small" is not served.*"org\/a-model"/),
    });
  });

  it('honours the width alone as dimensions', async () => {
    await embed({ input: 'red', dimensions: 3, user: 'somebody' });
    expect(await refused({ input: 'red', dimensions: 2 })).toMatchObject({
      status: 400,
      param: 'dimensions',
      message: expect.stringMatching(/have 3 numbers.*not trained for shortened/),
    });
  });

  const many = (count: number) => Array.from({ length: count }, () => 'red');
  it.each<[string, unknown, string | null, RegExp]>([
    ['nothing', {}, 'input', /input: is missing/],
    ['an empty text', { input: '' }, 'input', /is empty/],
    ['an empty text among others', { input: ['a', ' '] }, 'input.1', /is empty/],
    ['no items', { input: [] }, 'input', /needs at least one item/],
    ['a token array', { input: [1, 2, 3] }, 'input', /token ids: send texts/],
    ['token arrays', { input: ['a', [1, 2]] }, 'input', /token ids: send texts/],
    ['a number', { input: 5 }, 'input', /an item is a text/],
    ['null', { input: [null] }, 'input.0', /an item is a text/],
    ['a list in a list', { input: [['a']] }, 'input.0', /an item is a text/],
    ['257 items', { input: many(257) }, 'input', /257 items, more than the limit of 256/],
    [
      '17 images',
      { input: many(17).map(() => ({ image: uris.red })) },
      'input',
      /17 images, more than the limit of 16/,
    ],
    ['a text of 4097 bytes', { input: [`x${'é'.repeat(2048)}`] }, 'input.0', /limit of 4096 bytes/],
    ['10 MB of text', { input: { text: 'x'.repeat(1e7) } }, 'input.text', /limit of 4096 bytes/],
    ['a text and an image in one', { input: [{ text: 'a', image: 'b' }] }, 'input.0', /no other field/],
    ['__proto__', '{"input":[{"__proto__":{"text":"a"}}]}', 'input.0', /no other field/],
    ['__proto__ beside it', '{"input":"a","__proto__":{"model":"b"}}', '__proto__', /no such field/],
    ['a field that there is not', { input: 'a', normalize: false }, 'normalize', /no such field/],
    ['a file name', { input: { image: '/etc/passwd' } }, 'input.image', /names of files are not read/],
    ['file:', { input: { image: 'file:///etc/passwd' } }, 'input.image', /is no data URI/],
    ['another format', { input: 'a', encoding_format: 'int8' }, 'encoding_format', /float/],
    ['patches of a model of one size', { input: 'a', max_patches: 9 }, 'max_patches', /leave it out/],
    ['an array', [], null, /expected object/],
    ['broken JSON', '{"input":', null, /not valid JSON/],
    ['deep JSON', '['.repeat(100_000), null, /nested deeper/],
    ['too many values', `{"input":[${'0,'.repeat(600_000)}0]}`, null, /outside of strings/],
  ])('refuses %s', async (_, body, param, message) => {
    const error = await refused(body);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', code: null });
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(400);
    expect(error.param).toBe(param);
  });

  const png = Buffer.from(uris.red.split(',')[1]!, 'base64');
  const cut = png.subarray(0, png.length - 20).toString('base64');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64');
  it.each<[string, string, RegExp]>([
    ['no base64', 'data:image/png;base64,????', /input\.1: is not base64/],
    ['base64 that ends early', 'data:image/png;base64,AAAAA', /input\.1: is not base64, or ends early/],
    ['an empty image', 'data:image/png;base64,', /input\.1: is an empty image/],
    ['an image that is cut', `data:image/png;base64,${cut}`, /input\.1: can't be decoded/],
    ['text', `data:image/png;base64,${Buffer.from('hello').toString('base64')}`, /input\.1: is not an image/],
    ['an SVG', `data:image/svg+xml;base64,${svg}`, /input\.1\.image: is an SVG image/],
    ['an SVG by another name', `data:image/png;base64,${svg}`, /input\.1: is svg, which is not accepted/],
    ['HTML', 'data:text/html;base64,AAAA', /of type "text\/html", not of an image/],
    ['no base64 by its head', 'data:image/png,%89PNG', /that is not base64/],
    ['no comma', `data:${'x'.repeat(1000)}`, /without a comma/],
    ['an address', 'https://example.com/cat.png', /fetches no images.*--image-urls/],
    ['no address', 'http://[', /no address that can be read/],
  ])('refuses %s as an image', async (_, image, message) => {
    const error = await refused({ input: ['red', { image }] });
    expect(error.status).toBe(400);
    expect(error.message).toMatch(message);
  });

  it('reads an image whatever its data URI looks like', async () => {
    const { red } = uris;
    const [, letters = ''] = red.split(',');
    for (const image of [
      red.replace('image/png', 'image/jpeg'),
      red.replace('data:image/png', 'DATA:image/PNG;name=a b.png'),
      red.replace('data:image/png', 'data:'),
      `data:image/png;base64,\n${letters.replace(/.{20}/g, '$& \r\n')}`,
      `data:image/png;base64,${png.toString('base64url')}`,
    ])
      expect((await embed({ input: { image } })).data[0]?.embedding).toEqual(AXES.red);
    // Large ones stay bytes; some programs write every slash with a backslash.
    const padded = Buffer.concat([png, Buffer.alloc(30_000)]).toString('base64');
    const escaped = `{"input":{"image":"data:image\\/png;base64,${padded.replaceAll('/', '\\/')}"}}`;
    const { answer } = await ask(app, '/v1/embeddings', escaped);
    expect(answerSchema.parse(answer).data[0]?.embedding).toEqual(AXES.red);
  });

  it('takes lone surrogates and NUL for letters', async () => {
    const { data } = await embed({ input: ['\ud800 red', 'blue\0'] });
    expect(data.map(({ embedding }) => embedding)).toEqual([AXES.red, AXES.blue]);
  });

  it('refuses bodies and images above the limits', async () => {
    const { headers, ...init } = json({ input: 'a' });
    const announced = { ...headers, 'content-length': String(81 * 2 ** 20) };
    const large = await app.request('/v1/embeddings', { ...init, headers: announced });
    expect(large.status).toBe(413);
    expect(errorSchema.parse(await large.json()).error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/83886080 bytes/),
    });
    const image = `data:image/png;base64,${'A'.repeat(27 * 2 ** 20)}`;
    expect((await refused({ input: { image } })).message).toMatch(
      /^input: has more than the limit of 20971520 bytes/,
    );
  });
});
