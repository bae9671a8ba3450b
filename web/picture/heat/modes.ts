import { h } from '../../shared/element.ts';
import type { Subject } from '../../shared/subject.ts';
import type { Stage } from '../stage.ts';
import { createFineness } from './fineness.ts';
import type { Overlay } from './overlay.ts';
import { patchOverlay } from './patchOverlay.ts';
import { whereOverlay } from './whereOverlay.ts';

export type Mode = 'plain' | 'where' | 'patches';

const TITLES: Readonly<Record<Mode, string>> = {
  plain: 'Picture',
  where: 'Where is …',
  patches: 'Similar patches',
};

/** What is drawn over the picture: nothing, where it shows a text, or which of its patches are alike. */
export interface Modes {
  readonly element: HTMLElement;
  /** @param where looks for this text; undefined leaves the mode as it is */
  show(subject: Subject, where: string | undefined): void;
  /** Looks for another text, where the mode is that. */
  setText(text: string): void;
  end(): void;
}

/** @param changed called with the text that is looked for; undefined where none is */
export function createModes(stage: Stage, changed: (where: string | undefined) => void): Modes {
  const where = whereOverlay(stage, changed);
  const overlays: Partial<Record<Mode, Overlay>> = { where, patches: patchOverlay(stage) };
  let subject: Subject | undefined;
  let mode: Mode = 'plain';
  const inputs = new Map<Mode, HTMLInputElement>();
  const draw = () => {
    if (subject) overlays[mode]?.begin(subject, fineness.maxPatches());
  };
  const fineness = createFineness(draw);
  const select = (next: Mode) => {
    overlays[mode]?.end();
    mode = next;
    for (const [name, input] of inputs) input.checked = name === mode;
    for (const [name, overlay] of Object.entries(overlays)) overlay.element.hidden = name !== mode;
    settings.hidden = mode === 'plain';
    draw();
  };
  const choices = (Object.keys(TITLES) as Mode[]).map((name) => {
    const input = h('input', { type: 'radio', name: 'picture-mode', value: name, class: 'visually-hidden' });
    inputs.set(name, input);
    input.addEventListener('change', () => {
      if (name !== 'where') changed(undefined);
      select(name);
    });
    return h('label', { class: 'mode' }, input, h('span', { dir: 'ltr' }, TITLES[name]));
  });
  const slider = h('input', { type: 'range', id: 'heat-strength', min: 0, max: 100, value: 60 });
  const strength = h(
    'div',
    { class: 'strength' },
    h('label', { class: 'field', for: 'heat-strength' }, 'Strength of the colours'),
    slider,
  );
  const settings = h('div', { class: 'settings' }, fineness.element, strength);
  const setStrength = () => stage.frame.style.setProperty('--heat', String(Number(slider.value) / 100));
  slider.addEventListener('input', setStrength);
  setStrength();
  const element = h(
    'div',
    { class: 'modes' },
    h(
      'fieldset',
      { class: 'segments' },
      h('legend', { class: 'visually-hidden' }, 'Drawn over the picture'),
      ...choices,
    ),
    ...Object.values(overlays).map(({ element: part }) => part),
    settings,
  );
  select('plain');
  return {
    element,
    show(next, text) {
      subject = next;
      if (text !== undefined) where.setText(text);
      select(text === undefined ? mode : 'where');
    },
    setText: (text) => {
      if (mode === 'where') where.setText(text);
    },
    end() {
      subject = undefined;
      overlays[mode]?.end();
    },
  };
}
