// @ts-check

import { classify, latest } from './api.js';
import { DEFAULT_LABELS } from './examples.js';
import { meter } from './meter.js';
import { uploadable } from './picture.js';

/** @import { Score } from './api.js' */

/** Milliseconds without a change of the labels before asking again. */
const PAUSE = 300;
const MOST_LABELS = 64;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Labels are separated by lines, or by the commas and semicolons of any script.
 * @param {string} text
 */
export function splitLabels(text) {
  const labels = text.split(/[\n,;،؛、，；]+/u).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

/** @param {Score} score */
function row({ label, probability }) {
  const item = document.createElement('li');
  item.className = 'score';
  const name = document.createElement('span');
  name.className = 'label';
  name.dir = 'auto';
  name.textContent = label;
  item.append(name, meter(probability));
  return item;
}

/**
 * The first picture among dragged or pasted things.
 * @param {DataTransfer | null} transfer
 */
const imageIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith('image/'));

/**
 * Calls back with pictures that are dropped anywhere on the page, pasted, or chosen.
 * @param {(image: Blob) => void} onImage
 * @param {(message: string) => void} onError
 */
function listenForImages(onImage, onError) {
  const drop = byId('drop');
  const file = /** @type {HTMLInputElement} */ (byId('file'));
  let depth = 0;
  /** @param {number} change */
  const hover = (change) => {
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
export function startClassify() {
  const labels = /** @type {HTMLTextAreaElement} */ (byId('labels'));
  const preview = /** @type {HTMLImageElement} */ (byId('preview'));
  const status = byId('classify-status');
  const scores = byId('scores');
  /** @type {Blob | undefined} */
  let image;
  labels.value = DEFAULT_LABELS.join('\n');

  /** @param {string} message @param {boolean} [isError] */
  const say = (message, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = message;
  };
  const request = latest(
    PAUSE,
    async (signal) =>
      classify(await uploadable(/** @type {Blob} */ (image)), splitLabels(labels.value), signal),
    (result) => {
      scores.replaceChildren(...result.scores.map(row));
      scores.ariaBusy = 'false';
      say('Each label is judged by itself: the figures need not add up to 100 %.');
    },
    (error) => {
      scores.replaceChildren();
      scores.ariaBusy = 'false';
      say(error.message, true);
    },
  );
  /** @param {boolean} immediately */
  const update = (immediately) => {
    const count = splitLabels(labels.value).length;
    request.cancel();
    if (!image) return;
    if (count === 0) return say('Write at least one label.', true);
    if (count > MOST_LABELS) return say(`${count} labels are too many; give at most ${MOST_LABELS}.`, true);
    scores.ariaBusy = 'true';
    request.run(immediately);
  };

  /** @param {Blob} next @param {string} [name] */
  const show = (next, name = next instanceof File ? next.name : 'the picture') => {
    image = next;
    URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(next);
    preview.alt = name;
    preview.hidden = false;
    byId('drop').classList.add('filled');
    update(true);
  };

  labels.addEventListener('input', () => update(false));
  listenForImages(show, (message) => say(message, true));
  return { show };
}
