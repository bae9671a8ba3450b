import { basename, resolve } from 'node:path';
import { isFolder } from '../../checkpoint/files/stats.ts';
import { resolveModel } from '../../checkpoint/hub/resolveModel.ts';
import { openModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { parameterCount } from '../../checkpoint/huggingFace/layout.ts';
import { EMBEDDED_MODEL } from '../../encoder/embeddedModel.ts';
import type { ModelConfig } from '../../model/config.ts';
import { VARIANTS, variantConfig } from '../../model/variants.ts';
import { isEmbedded, titleOfModel } from '../modelInfo.ts';
import { weightBytes } from './roomForModel.ts';

/** A model that can be served. */
export interface CatalogueEntry {
  /** What it is asked for by. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly parameters: number;
  /** Of its weights. */
  readonly bytes: number;
  readonly kind: 'fixed' | 'naflex';
  /** Side of its images; null for any size. */
  readonly resolution: number | null;
  readonly cached: boolean;
  readonly served: boolean;
  readonly local: boolean;
}

type Facts = Omit<CatalogueEntry, 'cached' | 'served' | 'local'>;

function factsOf(name: string, title: string, config: ModelConfig, bytes?: number): Facts {
  const parameters = parameterCount(config);
  const { vision } = config;
  return {
    ...{ name, title, parameters, kind: vision.kind },
    // Released weights are float32.
    bytes: bytes ?? 4 * parameters,
    resolution: vision.kind === 'fixed' ? vision.imageSize : null,
  };
}

async function factsOfFolder(folder: string, title: string): Promise<Facts> {
  const { config, weights } = await openModelDirectory(folder);
  await weights.close();
  return factsOf(folder, title, config, await weightBytes(folder));
}

let released: readonly Facts[] | undefined;

const releasedFacts = (): readonly Facts[] => {
  released ??= VARIANTS.map(({ name }) => factsOf(name, name, variantConfig(name)));
  return released;
};

const isCached = (name: string, cacheDir: string | undefined): Promise<boolean> =>
  resolveModel(name, {
    offline: true,
    token: false,
    onNotice: () => {},
    ...(cacheDir !== undefined && { cacheDir }),
  }).then(
    () => true,
    () => false,
  );

const isSame = (a: string, b: string): boolean => a === b || resolve(a) === resolve(b);

export interface CatalogueOptions {
  /** The model that is served now, and the one that the server was started with. */
  readonly served: string;
  readonly first: string;
  readonly cacheDir?: string | undefined;
}

/** The embedded model, the directory that was named, and the released checkpoints. */
export async function catalogue({ served, first, cacheDir }: CatalogueOptions): Promise<CatalogueEntry[]> {
  const named = [...new Set([first, served].map((name) => resolve(name)))];
  const folders = [EMBEDDED_MODEL];
  for (const folder of named)
    if (!folders.some((one) => isSame(one, folder)) && (await isFolder(folder))) folders.push(folder);
  const local = await Promise.all(
    folders.map(async (folder) => {
      const title = isEmbedded(folder) ? titleOfModel(folder) : basename(folder);
      // One that is gone or broken by now is no matter of the others.
      const facts = await factsOfFolder(folder, title).catch(() => undefined);
      return facts ? [{ ...facts, cached: true, local: true, served: isSame(folder, served) }] : [];
    }),
  );
  const hub = await Promise.all(
    releasedFacts().map(async (facts) => ({
      ...facts,
      cached: await isCached(facts.name, cacheDir),
      local: false,
      served: facts.name === served,
    })),
  );
  return [...local.flat(), ...hub];
}
