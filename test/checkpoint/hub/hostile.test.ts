import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HubError } from '../../../src/checkpoint/hub/hubError.ts';
import type { ResolveOptions } from '../../../src/checkpoint/hub/options.ts';
import { resolveModel } from '../../../src/checkpoint/hub/resolveModel.ts';
import { watchSilence } from '../../../src/checkpoint/hub/transfer/silence.ts';
import { refusalOf as failure } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { startFakeHub, TOKEN } from './fakeHub.ts';

vi.mock('../../../src/checkpoint/hub/pause.ts', () => ({ pause: () => new Promise(setImmediate) }));

const NAME = 'google/siglip2-tiny';
const COMMIT = 'a'.repeat(40);
const hub = await startFakeHub();
const parent = temporaryDirectory();
const FILES: Readonly<Record<string, Buffer>> = {
  'config.json': Buffer.from('{}'),
  'model.safetensors': Buffer.alloc(3000, 1),
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(parent, 'case-'));
  hub.models.set(NAME, { commit: COMMIT, files: { ...FILES } });
});
afterEach(() => {
  for (const list of [hub.requests, hub.leaked, hub.answers, hub.faults, hub.log]) list.length = 0;
});

const resolve = (options: ResolveOptions = {}) =>
  resolveModel(NAME, {
    cacheDir: join(root, 'cache'),
    hubUrl: hub.url,
    offline: false,
    retries: 0,
    token: TOKEN,
    onNotice: () => {},
    ...options,
  });

/** Everything below the case's own folder. */
const made = (): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' });

const INFO = JSON.stringify({ sha: COMMIT });
const entry = (path: string) => ({ type: 'file', path, size: 1, oid: '0'.repeat(40) });

describe('names that leave the cache', () => {
  test.each(['../../evil/config.json', '/tmp/evil', 'a/../../evil', 'x\u0000y', '', '..', 'a\\..\\..\\evil'])(
    'in a listing: %j is refused before anything is made',
    async (path) => {
      hub.answers.push(INFO, JSON.stringify([entry('config.json'), entry(path)]));
      expect(await failure(resolve())).toMatch(/its list of files has the name .*, which leaves its folder/);
      expect(made().filter((file) => !file.startsWith('cache'))).toEqual([]);
      expect(made().some((file) => file.includes('snapshots'))).toBe(false);
    },
  );

  test.each(['../../evil.safetensors', '/tmp/evil.safetensors', 'sub/../../../evil.safetensors', '..'])(
    'in an index: %j is refused, and no folder or link is made for it',
    async (path) => {
      const index = Buffer.from(JSON.stringify({ weight_map: { a: 'model-1.safetensors', b: path } }));
      const { 'model.safetensors': weights, ...rest } = FILES;
      const files = { ...rest, 'model.safetensors.index.json': index, 'model-1.safetensors': weights! };
      hub.models.set(NAME, { commit: COMMIT, files });
      expect(await failure(resolve())).toMatch(/weight_map names .*expected a .safetensors file beside it/);
      expect(made().filter((file) => file.includes('evil'))).toEqual([]);
      expect(readdirSync(root)).toEqual(['cache']);
      expect(existsSync(join(root, 'cache/models--google--siglip2-tiny/refs/main'))).toBe(false);
    },
  );
});

describe('the token', () => {
  test('does not follow a listing to another host', async () => {
    const next = (host: string) => ({ link: `<${host}/elsewhere>; rel="next"` });
    const page = JSON.stringify([entry('config.json'), entry('model.safetensors')]);
    hub.faults.push({ at: 'tree', headers: next(hub.cdn), body: page }, { at: 'cdn', body: '[]' });
    await failure(resolve());
    const elsewhere = hub.requests.filter(({ path }) => path === '/elsewhere');
    expect(elsewhere).toHaveLength(1);
    expect(elsewhere[0]!.authorization).toBeUndefined();
    expect(hub.leaked).toEqual([]);
    expect(hub.requests.find(({ host }) => host === 'hub')!.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test('does not follow a redirect to another host, of a question or of a file', async () => {
    hub.faults.push({ at: 'info', status: 307, headers: { location: `${hub.cdn}/elsewhere` } });
    await failure(resolve());
    // The weights are large enough to be kept on the content network.
    await resolve();
    expect(hub.requests.filter(({ host }) => host === 'cdn').length).toBeGreaterThan(1);
    expect(hub.leaked).toEqual([]);
  });
});

describe('sizes', () => {
  test('an answer that does not end is not read to its end', async () => {
    hub.faults.push({ at: 'info', body: `"${'x'.repeat(33 * 2 ** 20)}"` });
    expect(await failure(resolve())).toMatch(/more than 33554432 bytes/);
  });

  test('a listing whose pages do not end is given up', async () => {
    const tree = `${hub.url}/api/models/${NAME}/tree/${COMMIT}`;
    hub.faults.push(
      ...Array.from({ length: 250 }, (_, i) => ({
        at: 'tree' as const,
        headers: { link: `<${tree}?cursor=${i}>; rel="next"` },
        body: '[]',
      })),
    );
    expect(await failure(resolve())).toMatch(/its list of files does not end after 200 pages/);
    expect(hub.log.length).toBeLessThan(210);
  });

  test('a settings file that claims gigabytes is refused before it is fetched', async () => {
    const huge = { ...entry('config.json'), size: 2 ** 40 };
    hub.answers.push(INFO, JSON.stringify([huge, entry('model.safetensors')]));
    expect(await failure(resolve())).toMatch(/config.json" of 1099511627776 bytes, more than the limit/);
    expect(hub.log.some((line) => line.includes('/resolve/'))).toBe(false);
  });

  test('a body longer than was announced is not written', async () => {
    hub.faults.push({ at: 'cdn', body: 'x'.repeat(5000) });
    expect(await failure(resolve())).toMatch(/the server sent more than the expected 3000 bytes/);
  });
});

describe('silence', () => {
  test('is said after 30 s, again after 60, and not once something was heard', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const said: string[] = [];
      const watch = watchSilence('w', 'given up later', (message) => said.push(message));
      vi.advanceTimersByTime(29_000);
      expect(said).toEqual([]);
      vi.advanceTimersByTime(32_000);
      expect(said).toHaveLength(2);
      expect(said[0]).toBe('w: nothing has arrived for 30 s (given up later)');
      watch.heard();
      watch.end();
      vi.advanceTimersByTime(90_000);
      expect(said).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends after the time that is set, with a word', async () => {
    vi.stubEnv('HF_HUB_ETAG_TIMEOUT', '1');
    vi.stubEnv('HF_HUB_DOWNLOAD_TIMEOUT', '1');
    try {
      hub.faults.push({ at: 'info', silent: true });
      await expect(resolve()).rejects.toThrow(/was silent for too long/);
      hub.faults.push({ at: 'cdn', silent: true });
      const error: unknown = await resolve().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(HubError);
      expect(String(error)).toMatch(/silent for too long; run the same command again/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

test('what is fetched is what the hub has', async () => {
  const path = await resolve();
  for (const [name, content] of Object.entries(FILES))
    expect(readFileSync(join(path, name)).equals(content)).toBe(true);
});
