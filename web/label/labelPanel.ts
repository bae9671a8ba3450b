import { classify, type Score } from '../shared/client.ts';
import { thumbnailAddress } from '../shared/collections.ts';
import { h, icon } from '../shared/element.ts';
import { latest } from '../shared/latest.ts';
import { meter } from '../shared/meter.ts';
import { percent } from '../shared/numbers.ts';
import { postJson } from '../shared/postJson.ts';
import { givenPicture, itemOf, type Subject } from '../shared/subject.ts';
import { watchToLabel } from '../shared/toLabel.ts';
import { uploadable } from '../shared/uploadable.ts';
import { go } from '../shell/router.ts';
import { DEFAULT_LABELS } from './defaultLabels.ts';

/** Milliseconds without a change of the labels before asking again. */
const PAUSE = 150;
/** Where the best label is less probable than this, none of them fits. */
const FITS = 0.05;
/** Labels that were written last, in any tab. */
const REMEMBERED = 'siglip2-labels';
const MOST_LABELS = 64;

/** Labels are separated by lines, or by the commas and semicolons of any script. */
function splitLabels(text: string): string[] {
  const labels = text.split(/[\n,;،؛、，；]+/u).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

/** Opens the picture with a label as what is looked for in it. */
async function showWhere(subject: Subject, where: string): Promise<void> {
  if (subject.kind === 'stored') return go({ in: subject.collection, picture: subject.id, where });
  const { showGiven } = await import('../picture/openPicture.ts');
  showGiven(subject, where);
}

const row = ({ label, probability }: Score, subject: Subject): HTMLElement =>
  h(
    'li',
    { class: 'score' },
    h(
      'button',
      {
        type: 'button',
        class: 'label',
        dir: 'auto',
        title: `Show where: ${label}`,
        on: { click: () => void showWhere(subject, label) },
      },
      label,
    ),
    meter(probability),
  );

async function scoresOf(subject: Subject, labels: readonly string[], signal: AbortSignal): Promise<Score[]> {
  if (subject.kind === 'given') return classify(await uploadable(subject.file), labels, signal);
  const body = { input: await itemOf(subject), labels };
  const answer = (await postJson('/v1/classify', body, signal)) as { data: { scores: Score[] }[] };
  return [...(answer.data[0]?.scores ?? [])].sort((a, b) => b.probability - a.probability);
}

/** What the scores say: each is a probability by itself, so that none may fit. */
function verdict([best]: readonly Score[]): string {
  if (best && best.probability < FITS)
    return `None of these fits: even “${best.label}” has ${percent(best.probability)} only.`;
  return 'Each label is judged by itself: the figures need not add up to 100 %. Press a label to see where it is.';
}

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
  let shown: Subject | undefined;
  labels.value = localStorage.getItem(REMEMBERED) ?? DEFAULT_LABELS.join('\n');

  const say = (message: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = message;
  };
  const request = latest(
    PAUSE,
    async (aborted) => {
      if (!shown) throw new Error('There is no picture yet.');
      return { subject: shown, found: await scoresOf(shown, splitLabels(labels.value), aborted) };
    },
    ({ subject, found }) => {
      scores.replaceChildren(...found.map((score) => row(score, subject)));
      scores.ariaBusy = 'false';
      say(verdict(found));
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
    if (!shown) return;
    if (count === 0) return say('Write at least one label.', true);
    if (count > MOST_LABELS) return say(`${count} labels are too many; give at most ${MOST_LABELS}.`, true);
    scores.ariaBusy = 'true';
    request.run(immediately);
  };

  const look = (subject: Subject) => {
    shown = subject;
    const { name } = subject;
    preview.src =
      subject.kind === 'given' ? subject.address : thumbnailAddress(subject.collection, subject.id, 640);
    preview.alt = name;
    preview.hidden = false;
    drop.classList.add('filled');
    update(true);
  };

  const show = (image: Blob, name: string) => look(givenPicture(image, name));
  watchToLabel((subject) => {
    look(subject);
    element.scrollIntoView({ block: 'nearest' });
  }, signal);
  labels.addEventListener('input', () => {
    localStorage.setItem(REMEMBERED, labels.value);
    update(false);
  });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) show(chosen, chosen.name);
    file.value = '';
  });
  return { element, show, fail: ({ message }) => say(message, true) };
}
