import { paperTimeline, type Recipe, type SizeName } from '../../src/train/index.ts';

/** The paper's recipe of one size. Its cost can be shown; its data, WebLI, is not public. */
export const paperRecipe = (size: SizeName): Recipe => ({
  name: `siglip2-${size}`,
  description: 'The released checkpoints of this size, trained as the paper says (40 B examples of WebLI).',
  saveEvery: 1000,
  timeline: paperTimeline(size),
  prepare() {
    throw new Error(
      'the paper’s data (WebLI) is not public, so this recipe cannot run; --cost shows what it would take. To run it on data of ' +
        'your own, copy it and return the stages of timelineRun(timeline, data, options)',
    );
  },
});
