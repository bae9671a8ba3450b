import { type CollectionInfo, type Hit, pictureUrl, search } from '../shared/client.ts';
import { h } from '../shared/element.ts';
import { latest } from '../shared/latest.ts';
import { meter } from '../shared/meter.ts';
import { percent } from '../shared/numbers.ts';
import { go, linkTo } from '../shell/router.ts';
import { EXAMPLES } from './examples.ts';

const LIMIT = 24;
/** Milliseconds without a key press before asking. */
const PAUSE = 60;
/** Milliseconds between two examples in the empty box. */
const ROTATION = 2600;

/** A card of the same size as a result, so that nothing moves when the results come. */
const placeholder = (): HTMLElement => h('li', { class: 'result waiting', 'aria-hidden': 'true' });

const card = (hit: Hit): HTMLElement =>
  h(
    'li',
    {},
    h(
      'a',
      {
        class: 'result',
        title: `${hit.emoji} ${hit.name}`,
        'data-index': hit.index,
        href: linkTo({ in: 'emoji', picture: hit.index }),
      },
      h('img', { src: pictureUrl(hit.index), alt: '', width: 56, height: 56, decoding: 'async' }),
      h('span', { class: 'name' }, hit.name),
      meter(hit.probability),
    ),
  );

/** Shows one example after the other in the empty box, unless the user wants little motion. */
function rotatePlaceholder(input: HTMLInputElement, signal: AbortSignal): void {
  let next = 0;
  const show = () => {
    input.placeholder = EXAMPLES[next++ % EXAMPLES.length]?.text ?? '';
  };
  show();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const rotation = setInterval(show, ROTATION);
  signal.addEventListener('abort', () => clearInterval(rotation));
}

/** The search box and its results. The first search does not wait for the collection's description. */
export function searchSection(collectionInfo: Promise<CollectionInfo>, signal: AbortSignal): HTMLElement {
  const input = h('input', {
    id: 'query',
    class: 'query',
    type: 'search',
    dir: 'auto',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    maxlength: 1000,
    'aria-controls': 'results',
  });
  const examples = h('ul', { id: 'examples', class: 'examples', 'aria-label': 'Examples' });
  const status = h('p', { id: 'search-status', class: 'status', role: 'status' });
  const results = h('ol', { id: 'results', class: 'results', 'aria-label': 'Best matches first' });
  const form = h(
    'form',
    { id: 'search-form' },
    h('label', { class: 'visually-hidden', for: 'query' }, 'What to look for, in any language'),
    input,
  );
  const searchBox = document.createElement('search');
  searchBox.append(form);
  /** What is shown while the box is empty. */
  const initial = EXAMPLES[0]?.text ?? 'cat';
  const textOf = () => input.value.trim() || initial;

  const request = latest(
    PAUSE,
    (aborted) => Promise.all([collectionInfo, search(textOf(), LIMIT, aborted)]),
    ([collection, hits]) => {
      results.replaceChildren(...hits.map(card));
      results.ariaBusy = 'false';
      const best = hits[0];
      status.className = 'status';
      status.textContent = best
        ? `“${textOf()}” among ${collection.count.toLocaleString('en')} pictures – best: ${best.name}, ${percent(best.probability)}`
        : 'Nothing found.';
    },
    (error) => {
      results.ariaBusy = 'false';
      status.className = 'status error';
      status.textContent = error.message;
    },
  );
  signal.addEventListener('abort', request.cancel);
  const update = (immediately: boolean) => {
    results.ariaBusy = 'true';
    for (const chip of examples.querySelectorAll('button')) {
      chip.ariaPressed = String(chip.textContent === textOf());
    }
    go({ q: input.value.trim() }, { replace: true });
    request.run(immediately);
  };

  examples.append(
    ...EXAMPLES.map(({ text, lang, means }) => {
      const pick = () => {
        input.value = text;
        update(true);
      };
      return h(
        'li',
        {},
        h('button', { type: 'button', lang, title: means, dir: 'auto', on: { click: pick } }, text),
      );
    }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    update(true);
  });
  input.addEventListener('input', () => update(false));
  results.replaceChildren(...Array.from({ length: LIMIT }, placeholder));
  input.value = new URLSearchParams(location.search).get('q') ?? '';
  rotatePlaceholder(input, signal);
  update(true);
  return h(
    'section',
    { id: 'search', class: 'search', 'aria-labelledby': 'search-title' },
    h('h1', { id: 'search-title' }, 'Say it in any language.'),
    searchBox,
    examples,
    status,
    results,
  );
}
