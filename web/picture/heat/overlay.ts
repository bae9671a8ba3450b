import type { Subject } from '../../shared/subject.ts';

/** Something that is drawn over a picture, with what it is set by. */
export interface Overlay {
  readonly element: HTMLElement;
  /**
   * Draws it for a picture from now on; again for another picture.
   * @param maxPatches of a NaFlex model; undefined: as many as it usually takes
   */
  begin(subject: Subject, maxPatches: number | undefined): void;
  /** Draws no more. */
  end(): void;
}
