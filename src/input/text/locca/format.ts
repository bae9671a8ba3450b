import type { Box } from '../../image/box.ts';
import { BOX_FORMAT, type BoxFormat, formatBox } from './boxText.ts';

/**
 * LocCa's tasks: a caption of the image; a box for a text (automatic referring expression); a text for a box (grounded
 * captioning). One decoder pass each (paper §2.2).
 */
export const LOCCA_TASKS = ['captioning', 'referring', 'groundedCaptioning'] as const;
export type LoccaTask = (typeof LOCCA_TASKS)[number];

/** How tasks are written as text. */
export interface LoccaFormat {
  /** First word of each task's text. */
  readonly prefixes: Readonly<Record<LoccaTask, string>>;
  /** Between text and box. */
  readonly separator: string;
  readonly box: BoxFormat;
}

/** `Cap: <caption>`, `ARef: <caption> : <box>`, `GCap: <box> : <caption>` (LocCa; docs/paper.md). */
export const LOCCA_FORMAT: LoccaFormat = {
  prefixes: { captioning: 'Cap:', referring: 'ARef:', groundedCaptioning: 'GCap:' },
  separator: ':',
  box: BOX_FORMAT,
};

/** What a task's text is about. */
export interface LoccaContent {
  readonly caption: string;
  /** In shares of the image's sides; not for captioning. */
  readonly box?: Box;
}

/** A piece of a task's text; only captions may be cut where a text is too long. */
export interface LoccaSegment {
  readonly text: string;
  readonly cuttable: boolean;
}

const fixed = (text: string): LoccaSegment => ({ text, cuttable: false });
const caption = (text: string): LoccaSegment => ({ text, cuttable: true });

/** The parts of a task's text after its prefix: what is asked, and what is to be answered. */
export interface LoccaParts {
  /** Empty for captioning. */
  readonly given: readonly LoccaSegment[];
  readonly answer: readonly LoccaSegment[];
}

const boxOf = (box: Box | undefined, task: LoccaTask, format: LoccaFormat): LoccaSegment => {
  if (!box) throw new RangeError(`${task} needs a box`);
  return fixed(formatBox(box, format.box));
};

/** @throws RangeError when the task needs a box and there is none. */
export function loccaParts(task: LoccaTask, content: LoccaContent, format: LoccaFormat): LoccaParts {
  if (task === 'captioning') return { given: [], answer: [caption(content.caption)] };
  const box = boxOf(content.box, task, format);
  const separator = fixed(format.separator);
  return task === 'referring'
    ? { given: [caption(content.caption), separator], answer: [box] }
    : { given: [box, separator], answer: [caption(content.caption)] };
}
