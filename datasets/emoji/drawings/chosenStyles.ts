import { listDrawings } from './drawings.ts';
import { completeStyles, DEFAULT_HELD_OUT_STYLE, partialStyles, type Style } from './styles.ts';

/** The styles of a data set. */
export interface ChosenStyles {
  /** Complete ones first: evaluation shows the first of them. */
  readonly trainStyles: readonly Style[];
  readonly heldOutStyle: Style;
  /** Whether one of them has a drawing of an emoji. */
  draws(style: Style, id: string): boolean;
}

/** Whether a style has a drawing of an emoji: complete ones of every one. */
async function readCoverage(partial: readonly Style[]): Promise<ChosenStyles['draws']> {
  const lists = new Map<Style, ReadonlySet<string>>();
  for (const style of partial) lists.set(style, new Set((await listDrawings(style)).keys()));
  return (style, id) => lists.get(style)?.has(id) ?? true;
}

/**
 * Splits styles into those that are trained on and the one that is held out.
 * @throws Error unless the held-out style and another one of those that draw every emoji are among them
 */
export async function chooseStyles(
  used: readonly Style[] = completeStyles,
  heldOutStyle: Style = DEFAULT_HELD_OUT_STYLE,
): Promise<ChosenStyles> {
  const complete = completeStyles.filter((style) => used.includes(style));
  if (!complete.some((style) => style === heldOutStyle) || complete.length === 1) {
    throw new Error(
      `styles are ${used.join(', ')}; they must have the held-out style ${heldOutStyle} and at least one other of those that draw every emoji: ${completeStyles.join(', ')}`,
    );
  }
  const partial = partialStyles.filter((style) => used.includes(style));
  const trainStyles = [...complete, ...partial].filter((style) => style !== heldOutStyle);
  return { trainStyles, heldOutStyle, draws: await readCoverage(partial) };
}
