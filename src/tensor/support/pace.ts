/** How fast work goes. */
export interface Pace {
  /** Units a second. */
  readonly rate: number;
  /** Seconds that are left; undefined where nobody knows how much there is. */
  readonly remaining: number | undefined;
}

interface Mark {
  readonly time: number;
  readonly done: number;
}

/** Marks that a window is kept by. */
const MARKS = 20;

/**
 * Tells the pace of work from how much of it is done. What was done before the first call (of a resumed download) says
 * nothing about it.
 * @param windowMs milliseconds that are looked back on. Default: all since the first call
 * @returns undefined while nothing has got on
 * @example
 * const pace = createPace();
 * pace(0, 100);
 * console.log(pace(10, 100)?.remaining);
 */
export function createPace(
  windowMs = Number.POSITIVE_INFINITY,
  now: () => number = () => performance.now(),
): (done: number, total?: number) => Pace | undefined {
  let marks: readonly Mark[] = [];
  return (done, total) => {
    const mark = { time: now(), done };
    const last = marks.at(-1);
    // The first one is at the edge of the window, or before it.
    const isPast = (one: Mark | undefined) => one !== undefined && mark.time - one.time >= windowMs;
    while (isPast(marks[1])) marks = marks.slice(1);
    if (!last || mark.time - last.time >= windowMs / MARKS) marks = [...marks, mark];
    const first = marks[0] ?? mark;
    const rate = (1000 * (done - first.done)) / (mark.time - first.time);
    if (!(rate > 0)) return undefined;
    return { rate, remaining: total === undefined ? undefined : Math.max(0, (total - done) / rate) };
  };
}
