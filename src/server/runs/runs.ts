import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RequestError } from '../requests/errors.ts';
import { createRunReader, type RunLine, type RunReader } from './runReader.ts';
import { samplePicture } from './samplePicture.ts';

/** How often a run that somebody looks at is looked into, in milliseconds. */
const LOOK_MS = 1000;

type Whole = ReturnType<RunReader['whole']>;

/** The training runs of a server. */
export interface Runs {
  /** The latest first. */
  all(): Promise<RunLine[]>;
  /** @throws HTTPException 404 where there is none of this name */
  get(name: string): Promise<Whole>;
  /**
   * A picture that the run asks its models of, as WebP.
   * @throws HTTPException 404 where there is none
   */
  picture(name: string, place: number): Promise<Uint8Array>;
  /**
   * Calls when a run has changed, until the returned function is called.
   * @throws HTTPException 404 where there is none of this name
   */
  watch(name: string, changed: () => void): Promise<() => void>;
  /** As it was read last. */
  latest(name: string): Whole | undefined;
}

/** What every run has: an outline, the folder of its first stage, or a log of its own. */
const isRun = (names: readonly string[]): boolean =>
  names.some((name) => name === 'stages.json' || name === 'log.jsonl' || /^1-./.test(name));

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Runs in a folder: of each the name and the folder. A folder that is a run itself has no others. */
async function runFolders(folder: string): Promise<Map<string, string>> {
  const names = await namesIn(folder);
  if (isRun(names)) return new Map([[basename(folder), folder]]);
  const found = new Map<string, string>();
  for (const name of names) {
    const below = join(folder, name);
    if (!name.startsWith('.') && isRun(await namesIn(below))) found.set(name, below);
  }
  return found;
}

/** @param folder of runs, or of one run; it need not be there yet */
export function createRuns(folder: string | undefined): Runs {
  const root = folder === undefined ? undefined : resolve(folder);
  const readers = new Map<string, RunReader>();

  async function folders(): Promise<ReadonlyMap<string, string>> {
    const found = root === undefined ? new Map<string, string>() : await runFolders(root);
    for (const name of [...readers.keys()]) if (!found.has(name)) readers.delete(name);
    return found;
  }

  function readerOf(name: string, path: string): RunReader {
    const reader = readers.get(name) ?? createRunReader(name, path);
    readers.set(name, reader);
    return reader;
  }

  async function updated(name: string): Promise<RunReader> {
    const there = await folders();
    const path = there.get(name);
    if (path === undefined) {
      const names = [...there.keys()].join(', ') || 'none';
      throw new RequestError(404, `there is no run ${JSON.stringify(name)}; there are: ${names}`);
    }
    const reader = readerOf(name, path);
    await reader.update();
    return reader;
  }

  return {
    async all() {
      const lines: RunLine[] = [];
      for (const [name, path] of await folders()) {
        const reader = readerOf(name, path);
        await reader.update();
        lines.push(reader.line());
      }
      return lines.sort((a, b) => b.updated - a.updated);
    },
    get: async (name) => (await updated(name)).whole(),
    async picture(name, place) {
      const folder = (await folders()).get(name);
      const bytes = folder === undefined ? undefined : await samplePicture(folder, place);
      if (!bytes) throw new RequestError(404, `the run ${JSON.stringify(name)} has no picture ${place}`);
      return bytes;
    },
    async watch(name, changed) {
      const reader = await updated(name);
      let isEnded = false;
      let timer: NodeJS.Timeout | undefined;
      const look = async () => {
        if (await reader.update().catch(() => false)) changed();
        if (!isEnded) timer = setTimeout(look, LOOK_MS).unref();
      };
      timer = setTimeout(look, LOOK_MS).unref();
      return () => {
        isEnded = true;
        clearTimeout(timer);
      };
    },
    latest: (name) => readers.get(name)?.whole(),
  };
}
