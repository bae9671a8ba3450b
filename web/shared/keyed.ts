/** What stands on the page for one item of a list. */
export interface Part<Item> {
  readonly element: HTMLElement;
  /** Shows how the item is now. */
  update(item: Item): void;
  /** Frees what it holds; it is shown no more. */
  end?(): void;
}

/**
 * Keeps what stands in an element as a list is: what stays is brought up to date where it is, so that it keeps the focus,
 * and what is open in it stays open.
 * @param parent holds nothing else
 * @param keyOf tells items apart
 * @returns shows a list; call it again with a newer one
 */
export function keyed<Item>(
  parent: HTMLElement,
  keyOf: (item: Item) => string,
  create: (item: Item) => Part<Item>,
): (items: readonly Item[]) => void {
  let shown = new Map<string, Part<Item>>();
  return (items) => {
    const next = new Map(items.map((item) => [keyOf(item), shown.get(keyOf(item)) ?? create(item)] as const));
    for (const [key, part] of shown) {
      if (next.has(key)) continue;
      part.element.remove();
      part.end?.();
    }
    for (const [i, { element }] of [...next.values()].entries())
      if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
    for (const item of items) next.get(keyOf(item))?.update(item);
    shown = next;
  };
}
