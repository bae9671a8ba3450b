/**
 * The teacher that the miniature's curation learns from: the sigmoid loss alone, on more examples.
 *
 *   npx siglip2 train recipes/miniature/teacher.ts --run runs/miniature-teacher
 *
 * Result: what it is for, the curation, gains nothing over as many examples that are not chosen (text → scene R@1
 * 13.3 ± 1.5 and 13.3 ± 1.3 %; bench/RESULTS.md).
 */
import type { Recipe } from '../../src/train/index.ts';
import { miniatureBatches } from './batches.ts';
import { prepareData } from './data.ts';
import { FULL } from './settings.ts';
import { miniatureStages } from './stages.ts';
import { teacherTimeline } from './timeline.ts';

const recipe: Recipe = {
  name: 'miniature-teacher',
  description: 'The teacher of the miniature’s curation, on emoji scenes.',
  saveEvery: 400,
  async prepare({ seed, steps, log }) {
    log('reading names and drawings (rasterised the first time), trimming the vocabulary');
    const data = await prepareData(FULL);
    const timeline = teacherTimeline(FULL, data.tokenizer.vocabSize);
    const stages = miniatureStages(
      timeline,
      { batchAt: miniatureBatches(data, timeline, seed) },
      { seed, steps, start: data.start },
    );
    return { ...stages[0].model!, stages, tokenizerJson: data.tokenizerJson };
  },
};

export default recipe;
