import { type CollectionInfo, type Hit, pictureUrl, search } from './api.ts';
import { byId, element } from './element.ts';
import { EXAMPLES } from './examples.ts';
import { type Latest, latest } from './latest.ts';
import { meter, percent } from './meter.ts';

const LIMIT = 24;
/** Milliseconds without a key press before asking. */
const PAUSE = 60;
/** Milliseconds between two examples in the empty box. */
const ROTATION = 2600;

/** A card of the same size as a result, so that nothing moves when the results come. */
function placeholder(): HTMLElement {
  const item = document.createElement('li');
  item.className = 'result waiting';
  item.ariaHidden = 'true';
  return item;
}

function card(hit: Hit, onPick: (hit: Hit) => void): HTMLElement {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'result';
  button.title = `${hit.emoji} ${hit.name}`;
  button.dataset['index'] = String(hit.index);
  const picture = document.createElement('img');
  Object.assign(picture, { src: pictureUrl(hit.index), alt: '', width: 56, height: 56, decoding: 'async' });
  const name = document.createElement('span');
  name.className = 'name';
  name.textContent = hit.name;
  button.append(picture, name, meter(hit.probability));
  button.addEventListener('click', () => onPick(hit));
  item.append(button);
  return item;
}

/** Shows one example after the other in the empty box, unless the user wants little motion. */
function rotatePlaceholder(input: HTMLInputElement): void {
  let next = 0;
  const show = () => {
    input.placeholder = EXAMPLES[next++ % EXAMPLES.length]?.text ?? '';
  };
  show();
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) setInterval(show, ROTATION);
}

/**
 * The search box and its results. The first search does not wait for the collection's description.
 * @param onPick called when a result is chosen
 * @returns what is under way
 */
export function startSearch(collectionInfo: Promise<CollectionInfo>, onPick: (hit: Hit) => void): Latest {
  const input = element('query', HTMLInputElement);
  const results = byId('results');
  const status = byId('search-status');
  /** What is shown while the box is empty. */
  const initial = EXAMPLES[0]?.text ?? 'cat';
  const textOf = () => input.value.trim() || initial;

  const request = latest(
    PAUSE,
    (signal) => Promise.all([collectionInfo, search(textOf(), LIMIT, signal)]),
    ([collection, hits]) => {
      results.replaceChildren(...hits.map((hit) => card(hit, onPick)));
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
  const update = (immediately: boolean) => {
    results.ariaBusy = 'true';
    for (const chip of byId('examples').querySelectorAll('button')) {
      chip.ariaPressed = String(chip.textContent === textOf());
    }
    const address = input.value.trim() ? `?q=${encodeURIComponent(input.value.trim())}` : location.pathname;
    history.replaceState(null, '', address);
    request.run(immediately);
  };

  byId('examples').replaceChildren(
    ...EXAMPLES.map(({ text, lang, means }) => {
      const item = document.createElement('li');
      const chip = document.createElement('button');
      Object.assign(chip, { type: 'button', textContent: text, lang, title: means, dir: 'auto' });
      chip.addEventListener('click', () => {
        input.value = text;
        update(true);
      });
      item.append(chip);
      return item;
    }),
  );
  byId('search-form').addEventListener('submit', (event) => {
    event.preventDefault();
    update(true);
  });
  input.addEventListener('input', () => update(false));
  results.replaceChildren(...Array.from({ length: LIMIT }, placeholder));
  input.value = new URLSearchParams(location.search).get('q') ?? '';
  rotatePlaceholder(input);
  update(true);
  input.focus({ preventScroll: true });
  return request;
}
