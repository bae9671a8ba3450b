/**
 * The paper's whole recipe in miniature, on scenes of emoji. It starts from the embedded model: sigmoid loss and decoder,
 * self-supervised losses from 80 % of the schedule, a NaFlex fork at 90 %, forks of resolution at 95 %, and curation (ACID)
 * after the end.
 *
 *   npx siglip2 train recipes/miniature/teacher.ts --run runs/miniature-teacher
 *   npx siglip2 train recipes/miniature/recipe.ts --run runs/miniature
 *
 * It makes three models with their decoders, as the paper releases several of each size: `naflex`, `larger-resolution` and `curation`.
 *
 * Result (three seeds, 300 scenes, captions in ten languages, text → scene R@1; `npx tsx bench/ablation/ablation.ts`, which
 * also measures each step apart, see bench/RESULTS.md): curation 13.3 ± 1.5 %, a NaFlex line as long as the others
 * 13.1 ± 0.5 %, the sigmoid loss alone 13.6 ± 0.4 %.
 */
import { existsSync } from 'node:fs';
import type { Recipe } from '../../src/train/index.ts';
import { miniatureBatches } from './batches.ts';
import { timelineCuration } from './curation.ts';
import { prepareData } from './data.ts';
import { FULL } from './settings.ts';
import { miniatureStages, ownDecoder } from './stages.ts';
import { miniatureTimeline } from './timeline.ts';

const TEACHER = 'runs/miniature-teacher/model';

const recipe: Recipe = {
  name: 'miniature',
  description:
    'The paper’s timeline on emoji scenes: decoder, self-supervision, NaFlex, resolutions, curation.',
  saveEvery: 400,
  async prepare({ seed, steps, session, log }) {
    log('reading names and drawings (rasterised the first time), trimming the vocabulary');
    const data = await prepareData(FULL);
    if (!existsSync(TEACHER)) {
      log(
        `the curation at the end needs a teacher in ${TEACHER}: train it before the run comes there, with ` +
          'siglip2 train recipes/miniature/teacher.ts --run runs/miniature-teacher',
      );
    }
    const timeline = miniatureTimeline(FULL, { vocabSize: data.tokenizer.vocabSize, teacher: TEACHER });
    const { selectFor } = timelineCuration(timeline, seed, session);
    const source = { batchAt: miniatureBatches(data, timeline, seed), selectFor };
    const stages = miniatureStages(timeline, source, { seed, steps, start: data.start });
    const files = stages[0].model!;
    return { ...files, stages, tokenizerJson: data.tokenizerJson, decoder: ownDecoder(timeline, files) };
  },
};

export default recipe;
