import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CheckpointError } from '../../src/checkpoint/files/errors.ts';
import { HubError } from '../../src/checkpoint/hub/hubError.ts';
import type { ResolveOptions } from '../../src/checkpoint/hub/options.ts';
import { resolveModel } from '../../src/checkpoint/hub/resolveModel.ts';
import { startFakeHub } from '../checkpoint/hub/fakeHub.ts';
import { type HubSetting, type HubSummary, setHub, summary } from '../checkpoint/hub/hubServer.ts';
import { temporaryDirectory } from '../checkpoint/temporary.ts';

// The waits between attempts are looked at elsewhere.
vi.mock('../../src/checkpoint/hub/pause.ts', () => ({ pause: () => new Promise(setImmediate) }));

/** As parity/hub.py writes it: what the Python client was given, and what came of it. */
interface Case extends Pick<HubSetting, 'moved' | 'faults'> {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly model?: HubSetting['model'] | null;
  readonly options?: Pick<ResolveOptions, 'revision' | 'token'>;
  readonly write?: Readonly<Record<string, string>>;
  readonly before?: {
    readonly env: Readonly<Record<string, string>>;
    readonly fetched: boolean;
    readonly remove?: readonly string[];
  };
  readonly readonly?: boolean;
  readonly outcome: HubSummary & {
    readonly path?: string;
    /** The kind of our error where Python's has one, else the name of Python's. */
    readonly error?: string | null;
    readonly tree: readonly string[];
  };
  /** Where this program does otherwise, and why. */
  readonly ours?: { readonly path: string };
  readonly why?: string;
}

interface Table {
  readonly name: string;
  readonly folder: string;
  readonly model: NonNullable<HubSetting['model']>;
  readonly cases: readonly Case[];
}

const file = join(import.meta.dirname, '../../parity/fixtures/hub/cases.json');
const table = JSON.parse(readFileSync(file, 'utf8')) as Table;
const hub = await startFakeHub();
const parent = temporaryDirectory();
/** Another user's: `root` may write where nobody else may. */
const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

/** Every variable that could matter, of whoever runs this. */
const READ = /^(?:HF_|HUGGING|TRANSFORMERS_|XDG_|HOME$|PLACE$|USERPROFILE$|REQUEST_METHOD$)|_proxy$/i;

/** Where nobody listens: a port that was free a moment ago. */
const nobody = await new Promise<string>((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => done(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`));
  });
});

function setEnvironment(env: Readonly<Record<string, string>>, root: string): void {
  for (const name of Object.keys(process.env)) if (READ.test(name)) vi.stubEnv(name, undefined);
  const places = { $ROOT: root, $HUB: hub.url, $PROXY: hub.proxy, $NOBODY: nobody };
  const fill = (value: string) =>
    Object.entries(places).reduce((text, [name, place]) => text.replaceAll(name, place), value);
  for (const [name, value] of Object.entries({ HOME: '$ROOT/user', HF_ENDPOINT: '$HUB', ...env }))
    vi.stubEnv(name, fill(value));
}

const fetch = (options: ResolveOptions = {}) =>
  resolveModel(table.name, { onNotice: () => {}, retries: 1, ...options });

/** Every file of snapshots and refs, and whether it is a link. */
function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes(table.folder) && /\/(?:snapshots|refs)\//.test(path))
    .filter((path) => !lstatSync(join(root, path)).isDirectory())
    .map((path) => `${path}${lstatSync(join(root, path)).isSymbolicLink() ? ' -> link' : ''}`)
    .sort();
}

function setWritable(root: string, writable: boolean): void {
  for (const path of ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) {
    const whole = join(root, path);
    if (lstatSync(whole).isSymbolicLink()) continue;
    const folder = lstatSync(whole).isDirectory();
    chmodSync(whole, writable ? 0o755 : folder ? 0o555 : 0o444);
  }
}

/** Runs work as a user who may not write everywhere. */
async function withoutRights<T>(root: string, work: () => Promise<T>): Promise<T> {
  setWritable(root, false);
  if (isRoot) {
    chmodSync(parent, 0o755);
    process.seteuid?.(NOBODY);
  }
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    setWritable(root, true);
  }
}

async function prepare({ before, write = {} }: Case, root: string): Promise<void> {
  mkdirSync(join(root, 'user'));
  if (before?.fetched) {
    setHub(hub, { name: table.name, model: table.model });
    setEnvironment(before.env, root);
    await fetch();
    for (const path of before.remove ?? [])
      rmSync(join(root, 'home/hub', table.folder, path), { recursive: true });
  }
  for (const [path, text] of Object.entries(write)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (before && !existsSync(join(root, 'home'))) mkdirSync(join(root, 'home'));
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(table.cases)('as Python’s client: $name', async (one) => {
  const { env, model, options, outcome, ours } = one;
  const root = realpathSync(mkdtempSync(join(parent, 'case-')));
  await prepare(one, root);
  const asked = model === undefined ? table.model : model;
  const { moved, faults } = one;
  setHub(hub, {
    name: table.name,
    ...(asked && { model: asked }),
    ...(moved !== undefined && { moved }),
    ...(faults && { faults }),
  });
  setEnvironment(env, root);
  const attempt = () =>
    fetch(options).then(
      (path) => ({ path: relative(root, realpathSync(path)) }),
      (error: unknown) => {
        // Never a fault of the program: a sentence that says what to do.
        expect(error).toBeInstanceOf(CheckpointError);
        return { error: error instanceof HubError ? error.kind : 'setting' };
      },
    );
  const result = one.readonly ? await withoutRights(root, attempt) : await attempt();
  if (ours) return expect(result).toEqual(ours);
  if (outcome.path === undefined) {
    expect(result).toEqual({ error: expect.any(String) });
    if (['repository', 'gated', 'revision', 'incomplete'].includes(outcome.error ?? ''))
      expect(result).toEqual({ error: outcome.error });
  } else expect(result).toEqual({ path: outcome.path });
  const seen = summary(hub);
  expect(seen.tokens).toEqual(outcome.tokens);
  // The content network gets no token, whatever the client.
  expect(seen.leaked).toEqual([]);
  expect(seen.asked.includes('proxy')).toBe(outcome.asked.includes('proxy'));
  expect(seen.asked.length > 0).toBe(outcome.asked.length > 0);
  // Where nothing was had, Python may leave a ref that leads nowhere.
  if (outcome.path !== undefined) expect(tree(root)).toEqual(outcome.tree);
});
