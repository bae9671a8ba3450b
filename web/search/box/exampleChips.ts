import { h } from '../../shared/element.ts';
import { EXAMPLES } from './examples.ts';

/** Milliseconds between two examples in the empty box. */
const ROTATION = 2600;

/** Shows one example after the other in the empty box, unless the reader wants little motion. */
export function rotateExamples(input: HTMLInputElement, signal: AbortSignal): void {
  let next = 0;
  const show = () => {
    input.placeholder = EXAMPLES[next++ % EXAMPLES.length]?.text ?? '';
  };
  show();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const rotation = setInterval(show, ROTATION);
  signal.addEventListener('abort', () => clearInterval(rotation));
}

/** Queries to try. */
export function exampleChips(onPick: (text: string) => void) {
  const chips = EXAMPLES.map(({ text, lang, means }) => ({
    text,
    button: h(
      'button',
      { type: 'button', lang, title: means, dir: 'auto', on: { click: () => onPick(text) } },
      text,
    ),
  }));
  const element = h(
    'ul',
    { id: 'examples', class: 'examples', 'aria-label': 'Examples' },
    ...chips.map(({ button }) => h('li', {}, button)),
  );
  /** Marks the one that is asked. */
  const show = (asked: string) => {
    for (const { text, button } of chips) button.ariaPressed = String(text === asked);
  };
  return { element, show };
}
