import type { ModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import type { RunLock } from '../../train/run/folder.ts';
import type { FinetuneData } from './data.ts';
import type { ResolvedSettings } from './settings.ts';

/** A fine-tuning of which everything is checked that can be before it starts. */
export interface Prepared extends ResolvedSettings {
  readonly model: ModelDirectory;
  readonly data: FinetuneData;
  readonly runDir: string;
  /** The hold on `runDir`, once it is taken. */
  readonly lock?: RunLock;
}
