import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../../src/encoder/load.ts';
import { createApp } from '../../../src/server/app.ts';
import { closeServer, listen } from '../../../src/server/listen.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { saveTinyModel } from '../tinyModel.ts';
import { pngUri } from './app.ts';

/** OpenAI's own client against a server with a small model. */
const folder = mkdtempSync(join(tmpdir(), 'siglip2-openai-'));
const KEY = 'a-key-of-this-test-0123';
const closers: (() => Promise<unknown>)[] = [];
let client: OpenAI;
let baseURL = '';
let expected: (texts: readonly string[]) => Promise<number[][]>;
const model = 'org/tiny-model';

beforeAll(async () => {
  await saveTinyModel(folder);
  const encoder = await load(folder, { threads: 1 });
  closers.push(() => encoder.dispose());
  const app = createApp({
    encoder,
    model: describeModel(model, encoder),
    access: { keys: [KEY], origins: [], ownerToken: undefined },
    log: () => {},
  });
  const { server, address } = await listen(app.fetch, { host: '127.0.0.1', port: 0, orNext: false });
  closers.unshift(() => closeServer(server, 0));
  baseURL = `http://127.0.0.1:${address.port}/v1`;
  client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
  expected = async (texts) => {
    const { data } = await encoder.embedTexts(texts);
    return texts.map((_, i) => [...data.subarray(i * encoder.width, (i + 1) * encoder.width)]);
  };
});
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

describe("OpenAI's JavaScript client", () => {
  it('embeds texts: what the library gives, as base64 (its default) and as numbers', async () => {
    const input = ['a cat', '고양이', 'ha ha'];
    const rows = await expected(input);
    const answer = await client.embeddings.create({ model, input });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(rows);
    expect(answer).toMatchObject({ object: 'list', model });
    expect(answer.usage.prompt_tokens).toBeGreaterThan(3);
    const [one] = (await client.embeddings.create({ model, input: 'a cat' })).data;
    expect(one?.embedding).toEqual((await expected(['a cat']))[0]);
    const numbers = await client.embeddings.create({
      model,
      input,
      encoding_format: 'float',
      dimensions: 16,
    });
    expect(numbers.data.map(({ embedding }) => embedding)).toEqual(rows);
  });

  it('embeds images, which its types do not know', async () => {
    const input = [{ image: await pngUri(200, 10, 10) }, 'a cat'] as unknown as string[];
    const { data, usage } = await client.embeddings.create({ model, input });
    expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 16],
      [1, 16],
    ]);
    expect(data[1]?.embedding).toEqual((await expected(['a cat']))[0]);
    expect(usage.prompt_tokens).toBeGreaterThan(4);
  });

  it('lists and retrieves models, whose names have slashes', async () => {
    const models = [];
    for await (const one of client.models.list()) models.push(one.id);
    expect(models).toEqual([model]);
    expect(await client.models.retrieve(model)).toMatchObject({
      id: model,
      object: 'model',
      owned_by: 'org',
    });
  });

  it('gets errors as its own classes', async () => {
    const tokens = client.embeddings.create({ model, input: [[1, 2]] });
    await expect(tokens).rejects.toThrow(OpenAI.BadRequestError);
    await expect(tokens).rejects.toMatchObject({
      status: 400,
      param: 'input',
      type: 'invalid_request_error',
    });
    const other = client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
    await expect(other).rejects.toThrow(OpenAI.NotFoundError);
    await expect(other).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
    await expect(other).rejects.toThrow(/this server has "org\/tiny-model"/);
    await expect(client.models.retrieve('other')).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.responses.create({ model, input: 'a' })).rejects.toThrow(OpenAI.NotFoundError);
    const stranger = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });

  it('gives a request up', async () => {
    const stop = new AbortController();
    const answer = client.embeddings.create({ model, input: 'a cat' }, { signal: stop.signal });
    stop.abort();
    await expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
    expect((await client.embeddings.create({ model, input: 'a cat' })).data).toHaveLength(1);
  });
});
