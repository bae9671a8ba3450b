import { classify, type Score } from '../shared/client.ts';
import { h, icon } from '../shared/element.ts';
import { latest } from '../shared/latest.ts';
import { meter } from '../shared/meter.ts';
import { uploadable } from '../shared/uploadable.ts';
import { DEFAULT_LABELS } from './defaultLabels.ts';

/** Milliseconds without a change of the labels before asking again. */
const PAUSE = 300;
const MOST_LABELS = 64;

/** Labels are separated by lines, or by the commas and semicolons of any script. */
function splitLabels(text: string): string[] {
  const labels = text.split(/[\n,;،؛、，；]+/u).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

const row = ({ label, probability }: Score): HTMLElement =>
  h('li', { class: 'score' }, h('span', { class: 'label', dir: 'auto' }, label), meter(probability));

const UPLOAD = 'M12 16V5m0 0 4 4m-4-4L8 9M5 15v3a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-3';

/** The panel that scores labels for a picture. */
export interface LabelPanel {
  readonly element: HTMLElement;
  /** Scores the labels for this picture from now on. */
  show(image: Blob, name: string): void;
  /** Tells what went wrong. */
  fail(error: Error): void;
}

/** @param signal ends its requests */
export function labelPanel(signal: AbortSignal): LabelPanel {
  const preview = h('img', { id: 'preview', alt: '', hidden: true });
  const file = h('input', { id: 'file', class: 'visually-hidden', type: 'file', accept: 'image/*' });
  const drop = h(
    'label',
    { id: 'drop', class: 'drop' },
    file,
    preview,
    h(
      'span',
      { id: 'drop-hint', class: 'drop-hint' },
      icon(UPLOAD, 28),
      h('span', {}, h('strong', {}, 'Drop a picture'), ', paste one, or choose a file'),
    ),
  );
  const labels = h('textarea', { id: 'labels', class: 'labels', dir: 'auto', rows: 6, spellcheck: 'false' });
  const status = h('p', { id: 'classify-status', class: 'status', role: 'status' });
  const scores = h('ol', { id: 'scores', class: 'scores', 'aria-label': 'Labels, best first' });
  const element = h(
    'section',
    { class: 'classify panel', 'aria-labelledby': 'classify-title' },
    h('h2', { id: 'classify-title' }, 'Which word fits a picture?'),
    drop,
    h('label', { class: 'field', for: 'labels' }, 'Labels, one per line or with commas between'),
    labels,
    status,
    scores,
  );
  let image: Blob | undefined;
  labels.value = DEFAULT_LABELS.join('\n');

  const say = (message: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = message;
  };
  const request = latest(
    PAUSE,
    async (aborted) => {
      if (!image) throw new Error('There is no picture yet.');
      return classify(await uploadable(image), splitLabels(labels.value), aborted);
    },
    (found) => {
      scores.replaceChildren(...found.map(row));
      scores.ariaBusy = 'false';
      say('Each label is judged by itself: the figures need not add up to 100 %.');
    },
    (error) => {
      scores.replaceChildren();
      scores.ariaBusy = 'false';
      say(error.message, true);
    },
  );
  signal.addEventListener('abort', request.cancel);
  const update = (immediately: boolean) => {
    const count = splitLabels(labels.value).length;
    request.cancel();
    if (!image) return;
    if (count === 0) return say('Write at least one label.', true);
    if (count > MOST_LABELS) return say(`${count} labels are too many; give at most ${MOST_LABELS}.`, true);
    scores.ariaBusy = 'true';
    request.run(immediately);
  };

  const show = (next: Blob, name: string) => {
    image = next;
    URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(next);
    preview.alt = name;
    preview.hidden = false;
    drop.classList.add('filled');
    update(true);
  };

  labels.addEventListener('input', () => update(false));
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) show(chosen, chosen.name);
    file.value = '';
  });
  return { element, show, fail: ({ message }) => say(message, true) };
}
