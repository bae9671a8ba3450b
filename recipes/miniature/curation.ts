/** Choosing of batches by the curation's teacher. */
import type { SessionOptions } from '../../src/tensor/index.ts';
import {
  CURATION_DEFAULTS,
  createCuration,
  type Select,
  type StageSchedule,
  stageModel,
  type Timeline,
  teacherScorer,
} from '../../src/train/index.ts';

/** Choosing of a timeline's curated stages, and its memory. */
export interface TimelineCuration {
  selectFor(stage: StageSchedule): Select;
  dispose(): Promise<void>;
}

/**
 * Opens the teacher and compiles both models when the first batch is chosen, since before that stage it may not be
 * trained yet.
 */
export function timelineCuration(
  timeline: Timeline,
  seed: number,
  session: SessionOptions = {},
): TimelineCuration {
  const opened: Promise<{ readonly select: Select; dispose(): Promise<void> }>[] = [];
  async function open({ spec }: StageSchedule) {
    if (!spec.curation) throw new Error(`stage ${spec.name} has no curation`);
    const { teacher: directory, ...chosen } = spec.curation;
    const settings = { ...CURATION_DEFAULTS, ...chosen };
    const teacher = await teacherScorer(directory, {
      scoringBatch: settings.scoringBatch,
      session,
      offline: true,
    });
    const learner = stageModel(timeline, spec).config;
    const curation = await createCuration({ learner, teacher, settings, seed, session });
    return {
      select: curation.select,
      dispose: async () => {
        await Promise.all([curation.dispose(), teacher.dispose()]);
      },
    };
  }
  return {
    selectFor(stage) {
      let curation: ReturnType<typeof open> | undefined;
      return async (batch, state, step) => {
        if (!curation) {
          curation = open(stage);
          opened.push(curation);
        }
        return (await curation).select(batch, state, step);
      };
    },
    async dispose() {
      await Promise.all(opened.map(async (one) => (await one).dispose()));
    },
  };
}
