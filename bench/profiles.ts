import { imageTask, trainTask } from './engines/ours.ts';
import { profileTask } from './operatorShares.ts';
import type { ProfileResult } from './result.ts';
import { trainSettings } from './rows.ts';
import type { Context } from './sideBySide.ts';

/** Where our time goes: the image forward pass at the largest batch, and the training steps. */
export async function measureProfiles(context: Context): Promise<ProfileResult[]> {
  const { sizes, files, threads } = context;
  const { vision } = sizes.model;
  if (vision.kind !== 'fixed') throw new Error('the benchmark measures a fixed-resolution model');
  const batch = Math.max(...sizes.batches);
  const image = { directory: files.model, batch, side: vision.imageSize, threads };
  return [
    await profileTask(`Images, batch ${batch}`, (prefix) => imageTask(image, prefix)),
    await profileTask(`Training step of the image tower, batch ${sizes.trainBatch}`, (prefix) =>
      trainTask(trainSettings(context, 'vision'), prefix),
    ),
    await profileTask(`Training step of both towers, ${sizes.trainBatch} pairs`, (prefix) =>
      trainTask(trainSettings(context, 'both'), prefix),
    ),
  ];
}
