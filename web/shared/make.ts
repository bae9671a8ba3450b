/**
 * A new element with its properties and what is in it.
 * @param properties by their names in the DOM, `className` and not `class`; those that are undefined are left alone
 */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  Object.assign(element, Object.fromEntries(given));
  element.append(...children.filter((child) => child !== undefined));
  return element;
}
