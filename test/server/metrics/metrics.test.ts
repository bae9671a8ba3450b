import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createApp } from '../../../src/server/app.ts';
import { batchedEncoder } from '../../../src/server/batching/batchedEncoder.ts';
import { createMetrics } from '../../../src/server/metrics/metrics.ts';
import { signsOfLife } from '../../../src/server/metrics/signsOfLife.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { fakeEncoder } from '../fakeEncoder.ts';

/** A line of Prometheus’ text format: a comment, or a name with labels and a number; Go reads “Nan” in any case. */
const LINE =
  /^(# (HELP|TYPE) \w+ .+|[a-zA-Z_:][\w:]*(\{(\w+="([^"\\\n]|\\.)*",?)*\})? (-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|Nan|[+-]Inf))$/;

const page = await mkdtemp(join(tmpdir(), 'siglip2-page-'));
afterAll(() => rm(page, { recursive: true }));

function server(page?: string) {
  const metrics = createMetrics();
  const encoder = batchedEncoder(fakeEncoder(), { onBatch: metrics.onBatch });
  const app = createApp({
    ...{ encoder, model: describeModel('m', encoder), metrics },
    ...(page !== undefined && { page }),
  });
  const ask = (path: string, init?: RequestInit) =>
    app.request(path, {
      ...init,
      headers: { host: 'localhost', 'content-type': 'application/json', ...init?.headers },
    });
  return {
    ask,
    embed: (texts: string[]) => ask('/api/embed', { method: 'POST', body: JSON.stringify({ texts }) }),
  };
}

it.each(['', page])(
  'counts requests by the patterns of their routes, and runs by their sizes %s',
  async (folder) => {
    const { ask, embed } = server(folder || undefined);
    await embed(['red', 'green', 'blue']);
    await embed([]);
    await ask('/gallery/12.webp');
    await ask('/no/such/place');
    await ask('/another/one');
    await ask('/api/embed', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } });
    const answer = await ask('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    for (const line of lines) expect(line).toMatch(LINE);
    const figure = (start: string) =>
      lines
        .find((line) => line.startsWith(start))
        ?.split(' ')
        .at(-1);
    const count = 'siglip2_http_request_duration_seconds_count';
    expect(figure(`${count}{method="POST",route="/api/embed",status="200"}`)).toBe('1');
    expect(figure(`${count}{method="POST",route="/api/embed",status="400"}`)).toBe('1');
    expect(figure(`${count}{method="GET",route="/gallery/:file",status="404"}`)).toBe('1');
    expect(lines.filter((line) => /\/no\/such|\/another/.test(line))).toEqual([]);
    expect(figure(`${count}{method="GET",route="*",status="404"}`)).toBe('2');
    expect(figure('siglip2_batch_items_sum{kind="text"}')).toBe('3');
    expect(figure('siglip2_batch_items_count{kind="text"}')).toBe('1');
    expect(figure('siglip2_http_requests_refused_total{reason="content_type"}')).toBe('1');
    expect(figure('siglip2_http_requests_refused_total{reason="busy"}')).toBe('0');
    expect(figure('siglip2_http_requests_in_flight')).toBe('1');
    expect(figure('siglip2_queue_items')).toBe('0');
    expect(figure('siglip2_model_info{name="m"')).toBe('1');
    expect(Number(figure('process_resident_memory_bytes'))).toBeGreaterThan(1e6);
  },
);

it('says that it lives, and when it answers', async () => {
  for (const stage of ['starting', 'ready', 'stopping'] as const) {
    expect(signsOfLife('/health', stage)?.status).toBe(200);
    expect(signsOfLife('/ready', stage)?.status).toBe(stage === 'ready' ? 200 : 503);
    expect(await signsOfLife('/ready', stage)?.json()).toEqual({ status: stage });
  }
  expect(signsOfLife('/readyness', 'ready')).toBeUndefined();
});
