/** Browsers draw no element that is much higher (Firefox: 17.9 million pixels). */
const MOST_HEIGHT = 12_000_000;

/**
 * How a long list is scrolled. Beyond the height that browsers can draw it is given less height, and each pixel of the
 * scroll bar is several of the list.
 */
export interface Scroll {
  /** What the list's element is given as its height. */
  readonly height: number;
  /** From pixels scrolled into the element to pixels of the list. */
  toList(scrolled: number): number;
  toElement(offset: number): number;
}

/** @param height of the list @param seen of what is seen of it at once */
export function scrollOf(height: number, seen: number): Scroll {
  const drawn = Math.min(height, MOST_HEIGHT);
  const factor = drawn > seen ? (height - seen) / (drawn - seen) : 1;
  return {
    height: drawn,
    toList: (scrolled) => (scrolled <= 0 ? scrolled : scrolled * factor),
    toElement: (offset) => (offset <= 0 ? offset : offset / factor),
  };
}
