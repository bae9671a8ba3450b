import { searchWith } from '../picture/searchWith.ts';
import { thumbnailAddress } from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import { latest } from '../shared/latest.ts';
import { givenPicture, type Subject } from '../shared/subject.ts';
import { watchToLabel } from '../shared/toLabel.ts';
import { go } from '../shell/router.ts';
import { DEFAULT_LABELS } from './defaultLabels.ts';
import { pictureField } from './pictureField.ts';
import { scoreRows, verdict } from './scoreList.ts';
import { type Scores, scoresOf } from './scores.ts';
import { templateChoice } from './templateChoice.ts';

/** Milliseconds without a change of the labels before asking again. */
const PAUSE = 150;
/** Labels that were written last, in any tab. */
const REMEMBERED = 'siglip2-labels';
const MOST_LABELS = 64;

/** Labels are separated by lines, or by the commas and semicolons of any script. */
function splitLabels(text: string): string[] {
  const labels = text.split(/[\n,;،؛、，；]+/u).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

/** Opens the picture, with a label as what is looked for in it. */
async function lookAt(subject: Subject, where?: string): Promise<void> {
  if (subject.kind === 'stored') return go({ in: subject.collection, picture: subject.id, where });
  const { showGiven } = await import('../picture/openPicture.ts');
  showGiven(subject, where);
}

/** The panel that scores labels for a picture. */
export interface LabelPanel {
  readonly element: HTMLElement;
  /** Scores the labels for this picture from now on. */
  show(image: File): void;
  /** Tells what went wrong. */
  fail(error: Error): void;
}

/** @param signal ends its requests */
export function labelPanel(signal: AbortSignal): LabelPanel {
  const show = (image: File) => look(givenPicture(image));
  const field = pictureField(show);
  const withShown = (act: (subject: Subject) => unknown) => () => void (shown && act(shown));
  const button = (title: string, act: (subject: Subject) => unknown) =>
    h('button', { type: 'button', class: 'button', hidden: true, on: { click: withShown(act) } }, title);
  const actions = [button('Look closer', lookAt), button('Search with this picture', searchWith)];
  const labels = h('textarea', { id: 'labels', class: 'labels', dir: 'auto', rows: 6, spellcheck: 'false' });
  const templates = templateChoice(() => update(true));
  const status = h('p', { id: 'classify-status', class: 'status', role: 'status' });
  const scores = h('ol', { id: 'scores', class: 'scores', 'aria-label': 'Labels, best first' });
  const title = h('h2', { id: 'classify-title', tabindex: -1 }, 'Which word fits a picture?');
  const element = h(
    'section',
    { class: 'classify panel', 'aria-labelledby': 'classify-title' },
    title,
    field.element,
    h('div', { class: 'actions' }, field.camera, ...actions),
    h('label', { class: 'field', for: 'labels' }, 'Labels, one per line or with commas between'),
    labels,
    templates.element,
    status,
    scores,
  );
  let shown: Subject | undefined;
  labels.value = localStorage.getItem(REMEMBERED) ?? DEFAULT_LABELS.join('\n');

  const say = (message: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = message;
  };
  const showScores = (rows: readonly HTMLElement[]) => {
    scores.replaceChildren(...rows);
    scores.ariaBusy = 'false';
  };
  const request = latest(
    PAUSE,
    async (aborted): Promise<{ subject: Subject; of: Scores }> => {
      if (!shown) throw new Error('There is no picture yet.');
      const asked = splitLabels(labels.value);
      return { subject: shown, of: await scoresOf(shown, asked, templates.chosen(), aborted) };
    },
    ({ subject, of }) => {
      showScores(scoreRows(of, (label) => void lookAt(subject, label)));
      say(verdict(of));
    },
    (error) => {
      showScores([]);
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
    const { kind, name } = subject;
    field.show(
      kind === 'given' ? subject.address : thumbnailAddress(subject.collection, subject.id, 640),
      name,
    );
    for (const action of actions) action.hidden = false;
    update(true);
  };
  watchToLabel((subject) => {
    look(subject);
    element.scrollIntoView({ block: 'nearest' });
    title.focus({ preventScroll: true });
  }, signal);
  labels.addEventListener('input', () => {
    localStorage.setItem(REMEMBERED, labels.value);
    update(false);
  });
  return { element, show, fail: ({ message }) => say(message, true) };
}
