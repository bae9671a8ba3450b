import type { Job } from '../../src/server/jobs/job.ts';
import { type IndexRequest, startIndex } from '../jobs/jobsApi.ts';
import { h } from '../shared/element.ts';
import { commandLine, splitPatterns } from './commandLine.ts';
import { copyable } from './copyable.ts';
import { pathInput } from './pathInput.ts';
import { remember, remembered } from './remembered.ts';

/** A name as a collection may have it. */
const NAME = String.raw`[A-Za-z0-9_\-][A-Za-z0-9_.\-]{0,63}`;

function fields(offers: boolean, changed: () => void) {
  const path = pathInput('folder', offers, changed);
  const name = h('input', {
    id: 'collection-name',
    class: 'input',
    type: 'text',
    required: true,
    dir: 'ltr',
    pattern: NAME,
    title: 'Letters, digits, - _ and ., at most 64; no dot first',
    value: 'pictures',
    list: 'collection-names',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const known = h('datalist', { id: 'collection-names' });
  const videos = h('input', { type: 'checkbox', id: 'videos' });
  const every = h('input', {
    type: 'number',
    class: 'input seconds',
    value: 2,
    min: 0.1,
    max: 3600,
    step: 'any',
    'aria-label': 'Seconds between two frames',
  });
  const pages = h('input', { type: 'checkbox', checked: true });
  const exclude = h('textarea', {
    id: 'exclude',
    class: 'input',
    rows: 2,
    dir: 'ltr',
    spellcheck: 'false',
    placeholder: 'thumbs, *.gif',
  });
  for (const field of [name, videos, every, pages, exclude]) field.addEventListener('input', changed);
  const value = (): IndexRequest => ({
    collection: name.value.trim(),
    folder: path.input.value.trim(),
    frames_every: videos.checked ? Number(every.value) || 2 : null,
    pages: pages.checked,
    exclude: splitPatterns(exclude.value),
  });
  const elements = [
    h('label', { class: 'field', for: 'folder' }, 'Folder, on the machine of the server'),
    path.element,
    h('label', { class: 'field', for: 'collection-name' }, 'Collection: a new name, or one that there is'),
    h('div', {}, name, known),
    h(
      'details',
      { class: 'options' },
      h('summary', {}, 'Options'),
      h(
        'div',
        { class: 'check' },
        h('label', { class: 'check' }, videos, 'Videos: a frame every'),
        every,
        's',
      ),
      h('label', { class: 'check' }, pages, 'Pages of PDF documents'),
      h('label', { class: 'field', for: 'exclude' }, 'Leave out (names, or paths below the folder)'),
      exclude,
    ),
  ];
  /** Writes a request into the fields, as it was the last time. */
  const fill = (collection: string, folder: string) => {
    const options = remembered(collection, folder);
    name.value = collection;
    path.input.value = folder;
    videos.checked = options.frames_every !== null;
    every.value = String(options.frames_every ?? 2);
    pages.checked = options.pages;
    exclude.value = options.exclude.join(', ');
    changed();
  };
  return { elements, value, fill, known, path: path.input };
}

/**
 * The form by which a folder is added.
 * @param reason why it may not be added here; then there is the command line in place of it
 * @param started called when it has begun
 */
export function addFolder(reason: string | null, started: (job: Job) => void) {
  const command = copyable();
  const status = h('p', { class: 'status error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button primary' }, 'Index it');
  const form = fields(reason === null, () => command.show(commandLine(form.value())));
  const why =
    reason === null
      ? []
      : [
          h('p', { class: 'tip' }, `Folders can’t be added from here: ${reason}.`),
          h('p', { class: 'tip' }, 'This command does it:'),
        ];
  const line =
    reason === null
      ? h('details', { class: 'options' }, h('summary', {}, 'As a command'), command.element)
      : h('div', {}, command.element);
  const element = h(
    'form',
    { class: 'panel form add-folder', 'aria-labelledby': 'add-title' },
    h('h2', { id: 'add-title' }, 'Add a folder'),
    h(
      'p',
      { class: 'tip' },
      'It is read with all below it, and nothing beside it. The files themselves are never changed.',
    ),
    ...form.elements,
    ...why,
    line,
    status,
    h('div', { class: 'actions' }, submit),
  );
  submit.hidden = reason !== null;
  command.show(commandLine(form.value()));
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (reason !== null) return;
    status.textContent = '';
    submit.disabled = true;
    try {
      const request = form.value();
      const job = await startIndex(request);
      remember(request);
      form.path.value = '';
      started(job);
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      submit.disabled = false;
    }
  });
  return {
    element,
    /** Makes the form ready to index a folder again, with what was said of it the last time. */
    fill(collection: string, folder: string): void {
      form.fill(collection, folder);
      element.scrollIntoView({ block: 'nearest' });
      if (submit.hidden) form.path.focus();
      else submit.focus();
    },
    /** Offers these names of collections. */
    offer(names: readonly string[]): void {
      form.known.replaceChildren(...names.map((value) => h('option', { value })));
    },
  };
}
