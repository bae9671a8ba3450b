import { byId, h } from '../shared/element.ts';
import { type Address, hrefOf } from './address.ts';
import { address, startRouter, watchAddress } from './router.ts';
import type { View } from './view.ts';
import { VIEWS, viewNamed } from './views.ts';

interface Opened {
  readonly view: View;
  readonly controller: AbortController;
}

let opened: Opened | undefined;
let hasPicture = false;

/** Where each view was left: its link in the top bar leads there again. */
const left = new Map<string, string>();

const links = new Map(
  VIEWS.map((view) => [view, h('a', { href: hrefOf({ view: view.name }) }, view.title)] as const),
);

/** The links of the top bar. That of the open view leads to its beginning, the others to where they were left. */
function markLinks(current: View): void {
  for (const [view, link] of links) {
    const start = hrefOf({ view: view.name });
    link.href = view === current ? start : (left.get(view.name) ?? start);
    if (view === current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

async function openView(view: View, at: Address): Promise<void> {
  const isFirst = opened === undefined;
  opened?.controller.abort();
  const controller = new AbortController();
  opened = { view, controller };
  document.title = `${view.title} – siglip2`;
  const root = h('div', { class: `view ${view.name}` });
  byId('view').replaceChildren(root);
  markLinks(view);
  if (!isFirst) {
    scrollTo(0, 0);
    // Screen readers begin to read here.
    byId('view').focus({ preventScroll: true });
  }
  try {
    await view.open(root, at, controller.signal);
  } catch (error) {
    if (controller.signal.aborted) return;
    root.append(h('p', { class: 'status error' }, error instanceof Error ? error.message : String(error)));
  }
}

/** Shows the picture that the address names, and closes it when it names none. */
async function followPicture({ values }: Address): Promise<void> {
  const id = values.get('picture');
  if (id === null && !hasPicture) return;
  hasPicture = true;
  const { openPicture, openGiven, closePicture } = await import('../picture/openPicture.ts');
  // The address may have changed meanwhile.
  const now = address().values;
  const collection = now.get('in');
  const picture = now.get('picture');
  if (picture === 'given') openGiven();
  else if (collection === null || picture === null || !/^\d{1,15}$/.test(picture)) closePicture();
  else openPicture(collection, Number(picture));
}

function follow(at: Address): void {
  const view = viewNamed(at.view);
  left.set(view.name, location.pathname + location.search);
  if (view !== opened?.view) void openView(view, at);
  void followPicture(at);
}

/** Shows the view of the address, and follows the address. */
export function startShell(): void {
  byId('views').replaceChildren(...[...links.values()].map((link) => h('li', {}, link)));
  startRouter();
  watchAddress(follow, new AbortController().signal);
  follow(address());
}
