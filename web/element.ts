/**
 * An element of index.html, of the kind that its caller needs.
 * @throws Error when the page has none: page and code don't belong together
 */
export function element<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

/** An element of index.html, of any kind. */
export const byId = (id: string): HTMLElement => element(id, HTMLElement);
