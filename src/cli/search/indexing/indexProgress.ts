import type { IndexProgress } from '../../../search/indexing/options.ts';
import type { CliIo } from '../../support/io.ts';
import { type Progress, progressBar } from '../../support/progress.ts';

const LABELS = { list: 'listing', compare: 'comparing', embed: 'pictures' } as const;

/** Shows how far a call is: a bar for each of its stages. */
export function indexProgress(io: CliIo): {
  update(progress: IndexProgress): void;
  end(): void;
} {
  let bar: Progress | undefined;
  let shown: string | undefined;
  return {
    update({ stage, done, total }) {
      if (stage !== shown) bar?.end();
      if (!bar || stage !== shown) bar = progressBar(io, LABELS[stage]);
      shown = stage;
      bar.update(done, total);
    },
    end: () => bar?.end(),
  };
}
