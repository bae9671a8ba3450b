import type { PromptTemplatesName } from '../../src/input/text/prompts.ts';
import { h } from '../shared/element.ts';

/** A named list of sentences around a label; undefined: what the model was trained for. */
export type Templates = PromptTemplatesName | undefined;

const TITLES: Readonly<Record<PromptTemplatesName, string>> = {
  class_name_only: 'The label alone',
  clip_best: '8 sentences, such as “a bad photo of the cat”',
  clip_paper: '81 sentences: slow',
};

/** Chosen last, in any tab. */
const REMEMBERED = 'siglip2-templates';

const nameOf = (text: string | null): Templates =>
  (Object.keys(TITLES) as PromptTemplatesName[]).find((name) => name === text);

/** The choice of the sentences in which labels are read. */
export interface TemplateChoice {
  readonly element: HTMLElement;
  chosen(): Templates;
}

export function templateChoice(changed: () => void): TemplateChoice {
  const remembered = nameOf(localStorage.getItem(REMEMBERED));
  const option = (value: string, title: string) =>
    h('option', { value, selected: value === (remembered ?? '') }, title);
  const select = h(
    'select',
    { id: 'label-templates', class: 'select' },
    option('', 'As the model was trained'),
    ...Object.entries(TITLES).map(([name, title]) => option(name, title)),
  );
  select.addEventListener('change', () => {
    localStorage.setItem(REMEMBERED, select.value);
    changed();
  });
  const label = h('label', { class: 'field', for: 'label-templates' }, 'Labels are read as');
  return {
    element: h('div', { class: 'templates' }, label, select),
    chosen: () => nameOf(select.value),
  };
}
