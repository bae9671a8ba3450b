import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of several seconds, the slowest first. */
const SLOW = [
  ...['cli/finetune/finetune', 'cli/train/train', 'web/page', 'train/timeline/timelineRun'],
  ...['train/timeline/forks'],
  ...['cli/bulk/cases', 'server/decode/imageReader', 'cli/paperRecipes', 'bench'],
].map((name) => `/test/${name}.test.ts`);

/** Place of a file among the slow ones; all others come after them. */
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = SLOW.findIndex((name) => moduleId.endsWith(name));
  return place === -1 ? SLOW.length : place;
};

/**
 * Starts the slow files first, so that none runs alone at the end while the other worker has nothing to do. Without what
 * an earlier run measured, Vitest goes by the size of files, which says little.
 */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShared = ({ project }: TestSpecification): number => Number(!project.config.isolate);
    // A process is shared by files that follow each other: those that share come last, the slow ones first.
    return (await super.sort(files)).sort((a, b) => isShared(a) - isShared(b) || placeOf(a) - placeOf(b));
  }
}
