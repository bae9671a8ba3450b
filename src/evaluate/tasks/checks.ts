/** What enters an evaluator from outside is checked here, so that a wrong number is named and no result is NaN. */
import type { Box } from '../../input/image/box.ts';

/** A row of numbers, of which each must be one. @throws RangeError naming the first that is not finite */
export function assertFinite(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new RangeError(`${name}[${i}] is ${values[i]}; it must be a number`);
  }
}

/** @throws RangeError when there is nothing to evaluate */
export function assertAny(what: string, count: number): void {
  if (!(count > 0)) throw new RangeError(`there are no ${what}: nothing can be evaluated`);
}

/**
 * Class numbers, one an example.
 * @param count how many examples there are
 * @throws RangeError naming the label that is no class, or both counts
 */
export function assertLabels(name: string, labels: ArrayLike<number>, count: number, classes: number): void {
  if (labels.length !== count)
    throw new RangeError(`${name} has ${labels.length} labels for ${count} examples; one each is needed`);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new RangeError(`${name}[${i}] is ${label}; it must be a class from 0 to ${classes - 1}`);
  }
}

/** A model's box, which may be empty or the wrong way round: it then overlaps nothing. @throws RangeError naming a side that is no number */
export function assertSides(name: string, { y1, x1, y2, x2 }: Box): void {
  for (const [side, value] of Object.entries({ y1, x1, y2, x2 })) {
    if (!Number.isFinite(value)) throw new RangeError(`${name}.${side} is ${value}; it must be a number`);
  }
}

/** A true box. @throws RangeError naming a side that is no number, or two sides that are the wrong way round */
export function assertBox(name: string, box: Box): void {
  assertSides(name, box);
  const { y1, x1, y2, x2 } = box;
  if (y2 < y1 || x2 < x1)
    throw new RangeError(
      `${name} is y ${y1} … ${y2}, x ${x1} … ${x2}; y1 and x1 must be its upper and left side`,
    );
}
