/**
 * An element of index.html, of the kind that its caller needs.
 * @throws Error when the page has none: page and code don't belong together
 */
function element<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

/** An element of index.html, of any kind. */
export const byId = (id: string): HTMLElement => element(id, HTMLElement);

type Tags = HTMLElementTagNameMap;
type Events = { [Type in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Type]) => void };

/** What a new element gets: attributes by their names (true: present, false or undefined: absent), and listeners. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | Events>> & {
  readonly on?: Events;
};

/**
 * A new element.
 *
 * Attributes are those of HTML (`class`, `for`, `aria-label`). A style is none of them, since the page's policy refuses it:
 * set custom properties with `style.setProperty`.
 * @example
 * h('button', { type: 'button', on: { click: close } }, 'Close')
 */
export function h<Tag extends keyof Tags>(
  tag: Tag,
  { on = {}, ...attributes }: Attributes = {},
  ...children: (Node | string)[]
): Tags[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  for (const [type, listener] of Object.entries(on)) {
    made.addEventListener(type, listener as EventListener);
  }
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An icon of strokes in the text's colour, 24 units wide and high.
 * @param path as in the attribute `d` of SVG's `path`
 */
export function icon(path: string, size = 20): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const drawn = document.createElementNS(SVG, 'path');
  drawn.setAttribute('d', path);
  svg.append(drawn);
  for (const [name, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: size,
    height: size,
    class: 'icon',
  })) {
    svg.setAttribute(name, String(value));
  }
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}
