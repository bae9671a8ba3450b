import { classify, type Score } from './api.ts';
import { byId, element } from './element.ts';
import { DEFAULT_LABELS } from './examples.ts';
import { latest } from './latest.ts';
import { meter } from './meter.ts';
import { uploadable } from './uploadable.ts';

/** Milliseconds without a change of the labels before asking again. */
const PAUSE = 300;
const MOST_LABELS = 64;

/** Labels are separated by lines, or by the commas and semicolons of any script. */
function splitLabels(text: string): string[] {
  const labels = text.split(/[\n,;،؛、，；]+/u).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

function row({ label, probability }: Score): HTMLElement {
  const item = document.createElement('li');
  item.className = 'score';
  const name = document.createElement('span');
  name.className = 'label';
  name.dir = 'auto';
  name.textContent = label;
  item.append(name, meter(probability));
  return item;
}

/** The first picture among dragged or pasted things. */
const imageIn = (transfer: DataTransfer | null): File | undefined =>
  [...(transfer?.files ?? [])].find((file) => file.type.startsWith('image/'));

/** Calls back with pictures that are dropped anywhere on the page, pasted, or chosen. */
function listenForImages(onImage: (image: File) => void, onError: (message: string) => void): void {
  const drop = byId('drop');
  const file = element('file', HTMLInputElement);
  let depth = 0;
  const hover = (change: number) => {
    depth = Math.max(0, depth + change);
    drop.classList.toggle('over', depth > 0);
  };
  document.addEventListener('dragenter', () => hover(1));
  document.addEventListener('dragleave', () => hover(-1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    hover(-depth);
    const image = imageIn(event.dataTransfer);
    if (image) onImage(image);
    else onError('That is not a picture file.');
  });
  document.addEventListener('paste', (event) => {
    const image = imageIn(event.clipboardData);
    if (image) onImage(image);
  });
  file.addEventListener('change', () => {
    const [image] = file.files ?? [];
    if (image) onImage(image);
    file.value = '';
  });
}

/** The panel that scores labels for a picture. */
export interface ClassifyPanel {
  /** Scores the labels for this picture from now on. */
  show(image: Blob, name: string): void;
  /** Tells what went wrong. */
  fail(error: Error): void;
}

/** Brings the panel to life. */
export function startClassify(): ClassifyPanel {
  const labels = element('labels', HTMLTextAreaElement);
  const preview = element('preview', HTMLImageElement);
  const status = byId('classify-status');
  const scores = byId('scores');
  let image: Blob | undefined;
  labels.value = DEFAULT_LABELS.join('\n');

  const say = (message: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = message;
  };
  const request = latest(
    PAUSE,
    async (signal) => {
      if (!image) throw new Error('There is no picture yet.');
      return classify(await uploadable(image), splitLabels(labels.value), signal);
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
    byId('drop').classList.add('filled');
    update(true);
  };

  labels.addEventListener('input', () => update(false));
  const fail = ({ message }: Error) => say(message, true);
  listenForImages(
    (file) => show(file, file.name),
    (message) => say(message, true),
  );
  return { show, fail };
}
