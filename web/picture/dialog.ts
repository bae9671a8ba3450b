import { h, icon } from '../shared/element.ts';
import type { Subject } from '../shared/subject.ts';
import { actionsOf } from './actions.ts';
import { factList } from './facts.ts';
import { foundPart } from './found.ts';
import { createModes } from './heat/modes.ts';
import { createStage } from './stage.ts';
import { neighbours } from './steps.ts';

/** The dialog in which a picture is looked at. */
export interface PictureDialog {
  /** The picture that is shown; undefined while it is closed. */
  subject(): Subject | undefined;
  show(subject: Subject, large: string, small: string | undefined, where: string | undefined): void;
  describe(
    title: string,
    facts: readonly (readonly [string, string])[],
    size?: { width: number; height: number },
  ): void;
  where(text: string | undefined): void;
  /** What the search says of it may have changed. */
  refresh(): void;
  fail(message: string): void;
  close(): void;
}

export interface DialogEvents {
  leave(): void;
  step(id: number): void;
  setWhere(text: string | undefined): void;
}

const CLOSE = 'M6 6l12 12M18 6 6 18';
const PREVIOUS = 'M15 5l-7 7 7 7';
const NEXT = 'M9 5l7 7-7 7';

/** Whether a key press is for what has the focus. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [role="application"]') !== null;

export function createDialog({ leave, step, setWhere }: DialogEvents): PictureDialog {
  const title = h('h2', { id: 'picture-title', dir: 'auto' });
  const problem = h('p', { class: 'error', role: 'alert', hidden: true });
  const found = h('div', { class: 'found' });
  const facts = h('div');
  const actions = h('div', { class: 'actions' });
  const fail = (message: string) => {
    problem.textContent = message;
    problem.hidden = message === '';
  };
  const stage = createStage(fail);
  const modes = createModes(stage, setWhere);
  const arrow = (name: string, path: string, direction: -1 | 1) =>
    h(
      'button',
      {
        type: 'button',
        class: `step ${direction < 0 ? 'previous' : 'next'}`,
        'aria-label': name,
        on: { click: () => go(direction) },
      },
      icon(path, 26),
    );
  const [previous, next] = [arrow('Previous picture', PREVIOUS, -1), arrow('Next picture', NEXT, 1)];
  stage.element.append(previous, next);
  const close = h(
    'button',
    { type: 'button', class: 'close', 'aria-label': 'Close', on: { click: leave } },
    icon(CLOSE, 22),
  );
  const place = h('span', { class: 'figures', dir: 'ltr' });
  const element = h(
    'dialog',
    { class: 'picture', 'aria-labelledby': 'picture-title' },
    stage.element,
    h(
      'div',
      { class: 'side' },
      h('div', { class: 'picture-head' }, h('div', {}, title, place), close),
      problem,
      found,
      modes.element,
      actions,
      facts,
    ),
  );
  document.body.append(element);
  let subject: Subject | undefined;

  const around = () => neighbours(subject);
  const go = (direction: -1 | 1) => {
    const id = direction < 0 ? around().previous : around().next;
    if (id !== undefined) step(id);
  };
  const refresh = () => {
    if (!subject) return;
    const { previous: before, next: after, text } = around();
    previous.hidden = before === undefined;
    next.hidden = after === undefined;
    place.textContent = text;
    found.replaceChildren(...foundPart(subject));
    actions.replaceChildren(...actionsOf(subject, leave));
  };
  element.addEventListener('keydown', (event) => {
    if (isTaken(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    const isRightToLeft = getComputedStyle(element).direction === 'rtl';
    if (event.key === 'ArrowRight') go(isRightToLeft ? -1 : 1);
    else if (event.key === 'ArrowLeft') go(isRightToLeft ? 1 : -1);
    else return;
    event.preventDefault();
  });
  // Escape asks to close; the address does it.
  element.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  element.addEventListener('click', (event) => {
    if (event.target === element) leave();
  });
  return {
    subject: () => subject,
    show(shown, large, small, where) {
      subject = shown;
      fail('');
      title.textContent = shown.name === '' ? 'Picture' : shown.name;
      facts.replaceChildren();
      stage.show(large, small, shown.name);
      refresh();
      if (!element.open) element.showModal();
      modes.show(shown, where);
    },
    describe(name, list, size) {
      if (subject?.kind === 'stored') subject = { ...subject, name };
      title.textContent = name;
      stage.name(name);
      if (size) stage.size(size.width, size.height);
      facts.replaceChildren(factList(list));
      refresh();
    },
    where: (text) => {
      if (subject && text !== undefined) modes.setText(text);
    },
    refresh,
    fail,
    close() {
      subject = undefined;
      modes.end();
      if (element.open) element.close();
    },
  };
}
