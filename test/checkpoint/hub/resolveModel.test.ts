import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DownloadProgress, ResolveOptions } from '../../../src/checkpoint/hub/options.ts';
import { resolveModel } from '../../../src/checkpoint/hub/resolveModel.ts';
import { hubClient } from '../../../src/checkpoint/hub/transfer/client.ts';
import { transferFile } from '../../../src/checkpoint/hub/transfer/transfer.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { refusalOf as failure } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR } from '../tinyModel.ts';
import { etagOf, type FakeHub, startFakeHub, TOKEN } from './fakeHub.ts';

// The waits between attempts are looked at in hub/parity.test.ts.
vi.mock('../../../src/checkpoint/hub/pause.ts', () => ({ pause: () => new Promise(setImmediate) }));

const NAME = 'google/siglip2-tiny';
const COMMIT = 'a'.repeat(40);
const root = temporaryDirectory();
let hub: FakeHub;
let files: Record<string, Buffer>;
let sharded: Record<string, Buffer>;
let cacheDir: string;
const notices: string[] = [];

const readFiles = (path: string): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name))]));

beforeAll(async () => {
  hub = await startFakeHub();
  const model = { config: FIXED, preprocessor: FIXED_PREPROCESSOR, tensors: countingTensors(FIXED) };
  await saveModelDirectory(join(root, 'one'), { ...model, tokenizerJson: { model: {} } });
  await saveModelDirectory(join(root, 'many'), model, { maxShardBytes: 20_000 });
  const other = { 'README.md': Buffer.from('# readme'), 'pytorch_model.bin': Buffer.alloc(5000, 1) };
  files = { ...readFiles(join(root, 'one')), ...other };
  sharded = { ...readFiles(join(root, 'many')), ...other };
});

beforeEach(() => {
  hub.models.clear();
  notices.length = 0;
  hub.models.set(NAME, { commit: COMMIT, files });
  cacheDir = mkdtempSync(join(root, 'cache-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  Object.assign(hub, { ignoreRange: false, corrupt: false, closeQuietly: false });
  const { log, leaked, cuts, statuses, answers, faults, requests } = hub;
  for (const list of [log, leaked, cuts, statuses, answers, faults, requests]) list.length = 0;
});

const resolve = (options: ResolveOptions = {}, name = NAME) =>
  resolveModel(name, {
    cacheDir,
    hubUrl: hub.url,
    offline: false,
    retries: 0,
    onNotice: (message) => notices.push(message),
    ...options,
  });

const folder = () => join(cacheDir, 'models--google--siglip2-tiny');
const weights = () => files['model.safetensors']!;
/** How the weights were asked for; other files may be large enough for the content network too. */
const weightRequests = () =>
  hub.requests
    .filter(({ host, path }) => host === 'cdn' && path === `/${etagOf(weights())}`)
    .map(({ range }) => `GET cdn${range ? ` ${range}` : ''}`);
const partial = () => join(folder(), 'blobs', `${etagOf(weights())}.incomplete`);

test('a directory is itself; what is neither directory nor name is refused', async () => {
  expect(await resolve({}, join(root, 'one'))).toBe(join(root, 'one'));
  for (const name of ['./nowhere', '/nowhere', 'nowhere', 'a/b/c', '../up', 'a/..', '']) {
    expect(await failure(resolve({}, name))).toMatch(/no such directory, and not the name of a model/);
  }
  expect(await failure(resolve({ revision: '../../x' }))).toMatch(/not a branch, tag or commit/);
  expect(hub.log).toEqual([]);
});

test('fetches the needed files into the standard cache, with progress', async () => {
  const progress: DownloadProgress[] = [];
  const path = await resolve({ onProgress: (event) => progress.push(event) });
  expect(path).toBe(join(folder(), 'snapshots', COMMIT));
  expect(readdirSync(path).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'preprocessor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const model = await openModelDirectory(path);
  expect(model.config).toEqual(FIXED);
  await model.weights.close();

  expect(lstatSync(join(path, 'model.safetensors')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder(), 'refs/main'), 'utf8')).toBe(COMMIT);
  expect(readdirSync(join(folder(), 'blobs')).sort()).toEqual(
    readdirSync(path)
      .map((name) => etagOf(files[name]!))
      .sort(),
  );
  const received = progress.filter(({ file }) => file === 'model.safetensors');
  const all = readdirSync(path).reduce((sum, name) => sum + files[name]!.length, 0);
  expect(received.at(-1)).toEqual({
    file: 'model.safetensors',
    received: weights().length,
    total: weights().length,
    overall: { received: all, total: all },
  });
  expect(received.every(({ received: now }, i) => i === 0 || now >= received[i - 1]!.received)).toBe(true);
});

test('a decoder is fetched where the model has one, whole', async () => {
  const decoder = {
    'decoder_config.json': Buffer.from('{}'),
    'decoder.safetensors': Buffer.alloc(5000, 2),
  };
  hub.models.set(NAME, { commit: COMMIT, files: { ...files, ...decoder } });
  const order: string[] = [];
  const path = await resolve({ onProgress: ({ file }) => order.push(file) });
  for (const [name, content] of Object.entries(decoder))
    expect(readFileSync(join(path, name)).equals(content)).toBe(true);
  // The model's weights come last: a snapshot that has them is complete.
  expect(order.at(-1)).toBe('model.safetensors');
  hub.log.length = 0;
  expect(await resolve()).toBe(path);
  expect(hub.log.filter((line) => line.includes('resolve') || line.includes('cdn'))).toEqual([]);

  // Half a decoder is none.
  const { 'decoder.safetensors': _, ...half } = decoder;
  hub.models.set(NAME, { commit: 'c'.repeat(40), files: { ...files, ...half } });
  const without = await resolve();
  expect(readdirSync(without).filter((name) => name.startsWith('decoder'))).toEqual([]);
});

test('a second call asks only whether the model has changed; a commit asks nothing', async () => {
  const path = await resolve();
  hub.log.length = 0;
  expect(await resolve()).toBe(path);
  expect(hub.log.filter((line) => line.includes('resolve') || line.includes('cdn'))).toEqual([]);
  hub.log.length = 0;
  expect(await resolve({ revision: COMMIT })).toBe(path);
  expect(hub.log).toEqual([]);
});

test('a new commit shares unchanged content', async () => {
  const before = await resolve();
  const config = Buffer.from(`${files['config.json']} `);
  hub.models.set(NAME, { commit: 'b'.repeat(40), files: { ...files, 'config.json': config } });
  hub.log.length = 0;
  const after = await resolve();
  expect(after).not.toBe(before);
  expect(hub.log.filter((line) => line.includes('/resolve/') || line.includes('cdn'))).toHaveLength(
    config.length > 1000 ? 2 : 1,
  );
  expect(readFileSync(join(after, 'config.json')).equals(config)).toBe(true);
  expect(existsSync(join(before, 'config.json'))).toBe(true);
});

test('sharded weights: the index, and the files it names', async () => {
  hub.models.set(NAME, { commit: COMMIT, files: sharded });
  const path = await resolve();
  expect(readdirSync(path).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(1);
  const model = await openModelDirectory(path);
  await model.weights.close();
});

test('a broken download continues where it stopped', async () => {
  const cut = 30_000;
  hub.cuts.push(cut);
  expect(await failure(resolve())).toMatch(
    new RegExp(
      `model.safetensors: the connection broke after \\d+ of ${weights().length} bytes.*; run the same command`,
    ),
  );
  const kept = readFileSync(partial());
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(cut);
  expect(kept.equals(weights().subarray(0, kept.length))).toBe(true);
  expect(existsSync(join(folder(), 'refs/main'))).toBe(false);

  hub.cuts.length = 0;
  hub.requests.length = 0;
  const progress: number[] = [];
  const path = await resolve({
    onProgress: ({ file, received }) => file === 'model.safetensors' && progress.push(received),
  });
  expect(weightRequests()).toEqual([`GET cdn bytes=${kept.length}-`]);
  expect(progress[0]).toBe(kept.length);
  expect(readFileSync(join(path, 'model.safetensors')).equals(weights())).toBe(true);
  expect(existsSync(partial())).toBe(false);
});

test('retries by itself after a cut and after a server error', async () => {
  hub.statuses.push(503);
  hub.cuts.push(...Array.from({ length: 1 }, () => 10));
  const path = await resolve({ retries: 2 });
  expect(readFileSync(join(path, 'model.safetensors')).equals(weights())).toBe(true);
});

function leavePartial(bytes: Buffer) {
  mkdirSync(join(folder(), 'blobs'), { recursive: true });
  writeFileSync(partial(), bytes);
}

test('a body that ends too early without an error is a closed connection: retried, then told', async () => {
  Object.assign(hub, { closeQuietly: true });
  hub.cuts.push(30_000);
  expect(await failure(resolve())).toMatch(
    new RegExp(
      `model.safetensors: the connection closed after 30000 of ${weights().length} bytes.*; run the same command`,
    ),
  );
  expect(readFileSync(partial()).equals(weights().subarray(0, 30_000))).toBe(true);
  hub.cuts.push(10);
  expect(readFileSync(join(await resolve({ retries: 1 }), 'model.safetensors')).equals(weights())).toBe(true);
});

type Write = (
  bytes: Uint8Array,
  from: number,
  length: number,
  at: number,
) => Promise<{ bytesWritten: number }>;

/** Takes the place of every file handle's `write` until the test ends. */
async function replaceWrite(replacement: (write: Write) => Write): Promise<void> {
  const probe = await open(join(root, 'probe'), 'w');
  const prototype: { write: Write } = Object.getPrototypeOf(probe);
  await probe.close();
  const { write } = prototype;
  vi.spyOn(prototype, 'write').mockImplementation(function (this: FileHandle, ...given) {
    return replacement((...bytes) => write.apply(this, bytes))(...given);
  });
}

/** The weights begin at byte 1000 where so many are there already, all other files at 0. */
const failWeights = (code: string) =>
  replaceWrite((write) => (bytes, from, length, at) => {
    if (at < 1000) return write(bytes, from, length, at);
    const fault = Object.assign(new Error(`${code}: simulated, write`), { code, syscall: 'write' });
    return Promise.reject(fault);
  });

test.each([
  ['ENOSPC', /incomplete: cannot be written \(the disk is full\); free some space, or choose another cache/],
  ['EIO', /incomplete: cannot be written \(EIO: simulated, write\); check the disk and the folder's/],
])('a disk that refuses (%s) is told at once, and what has been fetched is kept', async (code, message) => {
  leavePartial(weights().subarray(0, 1000));
  await failWeights(code);
  const text = await failure(resolve({ retries: 4 }));
  expect(text).toMatch(message);
  expect(text).toContain(partial());
  expect(text).toMatch(
    /\(HF_HUB_CACHE, or load's cacheDir\), and do the same again \(what has been fetched is kept\)$/,
  );
  expect(weightRequests()).toEqual(['GET cdn bytes=1000-']);
  vi.restoreAllMocks();
  expect(readFileSync(partial()).equals(weights().subarray(0, 1000))).toBe(true);
  expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);
});

test('a disk that takes less than it is given gets the rest', async () => {
  await replaceWrite((write) => (bytes, from, length, at) => write(bytes, from, Math.ceil(length / 2), at));
  expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);
});

test('a cache that is no folder is told too', async () => {
  writeFileSync(folder(), '');
  expect(await failure(resolve())).toMatch(/cannot be written \(E\w+: .*\); check the disk/);
});

test('a server that ignores ranges, a partial that is too long, and one that is whole', async () => {
  leavePartial(weights().subarray(0, 1000));
  hub.ignoreRange = true;
  expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);

  for (const content of [Buffer.concat([weights(), Buffer.alloc(10)]), weights()]) {
    rmSync(folder(), { recursive: true });
    leavePartial(content);
    expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);
  }
});

test('content that is not what the hub announced is discarded', async () => {
  // What an earlier run has left may be wrong: all of it is fetched then.
  leavePartial(Buffer.alloc(1000, 7));
  expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);
  expect(weightRequests()).toEqual(['GET cdn bytes=1000-', 'GET cdn']);
  expect(existsSync(partial())).toBe(false);
  expect(readFileSync(join(await resolve(), 'model.safetensors')).equals(weights())).toBe(true);

  rmSync(folder(), { recursive: true });
  hub.corrupt = true;
  // Small files are checked too, by git's own hash.
  expect(await failure(resolve())).toMatch(/config.json: the content's hash is \w+, expected \w+/);
});

test('offline: the cache or a clear error, and no request at all', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const unset = { offline: undefined };
  expect(await failure(resolve(unset))).toMatch(
    /offline, and the cache .* has no copy of revision main; fetch the model once/,
  );
  expect(hub.log).toEqual([]);
  vi.unstubAllEnvs();
  const path = await resolve(unset);
  hub.log.length = 0;
  vi.stubEnv('HF_HUB_OFFLINE', 'TRUE');
  expect(await resolve(unset)).toBe(path);
  expect(await resolve({ offline: true, revision: COMMIT })).toBe(path);
  rmSync(join(path, 'model.safetensors'));
  expect(await failure(resolve(unset))).toMatch(/lacks model.safetensors; fetch the model once/);
  expect(hub.log).toEqual([]);
});

test('a hub that cannot be reached: the cached copy, or a clear error', async () => {
  const own = await startFakeHub();
  own.models.set(NAME, { commit: COMMIT, files });
  const path = await resolve({ hubUrl: own.url });
  await own.stop();
  expect(await resolve({ hubUrl: own.url })).toBe(path);
  rmSync(folder(), { recursive: true });
  expect(await failure(resolve({ hubUrl: own.url }))).toMatch(
    /cannot be reached \(.*ECONNREFUSED.*\), and no complete copy is cached; check the network/,
  );
});

const INFO = JSON.stringify({ _id: '1', id: NAME, sha: COMMIT });
test.each([
  [['<html>Log in</html>'], /\(not JSON\)/],
  [['{}'], /\(sha: .*undefined\)/],
  [['{"sha":"../main"}'], /\(sha: /],
  [[INFO, '[{"type":"file","path":"config.json","size":-1}]'], /\(0.size: /],
  [[INFO, '[{"type":"file","path":"config.json","size":1,"oid":"../x"}]'], /\(0.oid: /],
  [[INFO, '{"type":"file"}'], /\(the answer: .*expected array/],
])('an unexpected answer is not a hub that cannot be reached (%#)', async (answers, message) => {
  hub.answers.push(...answers);
  const text = await failure(resolve());
  expect(text).toMatch(message);
  expect(text).toMatch(
    /siglip2-tiny: http:\S+ gave an unexpected answer .*; check that HF_ENDPOINT names a hub/,
  );

  // As with a hub that cannot be reached, what is cached is used.
  const path = await resolve();
  hub.answers.push(...answers);
  expect(await resolve()).toBe(path);
});

test('missing models, revisions and files', async () => {
  expect(await failure(resolve({}, 'google/none'))).toMatch(
    /^CheckpointError: google\/none: does not exist on http.*, or may not be read without a token \(404\); check the name/,
  );
  expect(await failure(resolve({ revision: 'v9' }))).toMatch(/has no revision "v9"/);
  const { 'model.safetensors': _, ...without } = files;
  hub.models.set(NAME, { commit: COMMIT, files: without });
  expect(await failure(resolve())).toMatch(/has no "model.safetensors"; name a SigLIP 2 model/);
  expect(hub.log.filter((line) => line.includes('resolve'))).toEqual([]);
});

test('gated and hidden models need the token, which stays with the hub', async () => {
  for (const lock of [{ gated: true }, { hidden: true }]) {
    hub.models.set(NAME, { commit: COMMIT, files, ...lock });
    expect(await failure(resolve())).toMatch(
      /may not be read without a token \(401\).*use the token .*HF_TOKEN.*, and accept its terms at .*google\/siglip2-tiny/,
    );
    vi.stubEnv('HF_TOKEN', TOKEN);
    const path = await resolve();
    expect(existsSync(join(path, 'model.safetensors'))).toBe(true);
    vi.unstubAllEnvs();
    rmSync(folder(), { recursive: true });
    await resolve({ token: TOKEN });
    rmSync(folder(), { recursive: true });
  }
  expect(hub.log.some((line) => line.includes('cdn'))).toBe(true);
  expect(hub.leaked).toEqual([]);
});

test('a file that another process finishes meanwhile is taken', async () => {
  const content = weights();
  const target = join(cacheDir, 'blob');
  writeFileSync(`${target}.incomplete`, content.subarray(0, 100));
  const server = createServer((_, response) => {
    // The other process has been quicker: its file has its name, and the unfinished one is gone.
    writeFileSync(`${target}.incomplete`, content);
    renameSync(`${target}.incomplete`, target);
    const range = `bytes 100-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'content-range': range }).end(content.subarray(100));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const etag = createHash('sha256').update(content).digest('hex');
  const url = `http://127.0.0.1:${port}/`;
  const client = hubClient({ endpoint: url, token: undefined, userAgent: 'test', env: {} });
  const shared = { client, onNotice: () => {}, retries: 0, timeout: 10 };
  await transferFile({ ...shared, name: 'w', url, size: content.length, etag, target });
  await client.close();
  server.close();
  expect(readFileSync(target).equals(content)).toBe(true);
});

test('two calls at once give one good copy', async () => {
  const [a, b] = await Promise.all([resolve(), resolve()]);
  expect(a).toBe(b);
  expect(readFileSync(join(a!, 'model.safetensors')).equals(weights())).toBe(true);
  expect(readdirSync(join(folder(), 'blobs')).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
});
