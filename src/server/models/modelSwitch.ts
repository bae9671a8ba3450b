import type { LoadOptions } from '../../encoder/loadOptions.ts';
import type { BatchingOptions } from '../batching/batchedEncoder.ts';
import type { Handler } from '../listen.ts';
import { type LoadedModel, loadModel } from './loadedModel.ts';
import { assertRoomForModel } from './roomForModel.ts';

/** What is asked to be served. */
export interface ModelRequest {
  /** A directory, or a name on the hub. */
  readonly name: string;
  /** NaFlex: most patches of an image. Default: the checkpoint's. */
  readonly maxNumPatches?: number | undefined;
}

export interface ChangeOptions {
  readonly signal: AbortSignal;
  readonly onStage: (stage: string) => void;
  readonly onProgress: (received: number, total: number) => void;
}

/** The model of a server, which can be another one later. */
export interface ModelSwitch {
  current(): LoadedModel;
  /**
   * Serves another model from now on; the one before is freed when its last request has its answer.
   * @throws Error saying what to do when it cannot be had; the one before is then served as before
   */
  change(request: ModelRequest, options: ChangeOptions): Promise<void>;
  close(): Promise<void>;
}

export interface SwitchOptions extends Pick<BatchingOptions, 'onBatch'> {
  /** For every model that is served. */
  readonly loading: LoadOptions;
  /** What answers requests with a model. */
  readonly appOf: (model: LoadedModel) => Handler;
  /** @returns when the last request of the app before has its answer */
  readonly open: (handler: Handler) => Promise<void>;
  readonly log: (line: string) => void;
  /** @throws Error where a model has no room. Default: looks at the free memory */
  readonly assertRoom?: (folder: string) => Promise<void>;
}

/** Loads the first model, and serves it. */
export async function createModelSwitch(first: string, options: SwitchOptions): Promise<ModelSwitch> {
  const { loading, appOf, open, onBatch, log, assertRoom = assertRoomForModel } = options;
  const batching = onBatch ? { onBatch } : {};
  let current = await loadModel(first, { loading, ...batching });
  await open(appOf(current));

  return {
    current: () => current,
    async change({ name, maxNumPatches }, { signal, onStage, onProgress }) {
      const { maxNumPatches: _, ...others } = loading;
      const next = await loadModel(name, {
        ...batching,
        signal,
        loading: {
          ...others,
          ...(maxNumPatches !== undefined && { maxNumPatches }),
          onNotice: log,
          onProgress: ({ overall }) => {
            onStage('downloading');
            onProgress(overall.received, overall.total);
          },
        },
        async onFiles(folder) {
          onStage('loading');
          await assertRoom(folder);
        },
      });
      const before = current;
      const isLeft = open(appOf(next));
      current = next;
      onStage('letting the other model go');
      await isLeft;
      await before.dispose();
    },
    close: () => current.dispose(),
  };
}
