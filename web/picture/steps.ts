import { exact } from '../shared/numbers.ts';
import { shownPictures } from '../shared/shownPictures.ts';
import type { Subject } from '../shared/subject.ts';

/** The pictures beside one, as the search shows them. */
export interface Neighbours {
  readonly previous?: number | undefined;
  readonly next?: number | undefined;
  /** Which of them it is. */
  readonly text: string;
}

export function neighbours(subject: Subject | undefined): Neighbours {
  const shown = shownPictures();
  if (subject?.kind !== 'stored' || shown?.collection !== subject.collection) return { text: '' };
  const at = shown.ids.indexOf(subject.id);
  if (at < 0) return { text: '' };
  return {
    previous: shown.ids[at - 1],
    next: shown.ids[at + 1],
    text: `${exact(at + 1)} of ${exact(shown.ids.length)}`,
  };
}
