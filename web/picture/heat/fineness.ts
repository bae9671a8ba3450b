import { LONGEST_TRAINED } from '../../../src/input/image/naflex/longestTrained.ts';
import { h } from '../../shared/element.ts';
import { exact } from '../../shared/numbers.ts';
import { servedModel, watchModel } from '../../shared/servedModel.ts';

/** The choice of how finely a NaFlex model looks; other models leave none, and it is not seen. */
export interface Fineness {
  readonly element: HTMLElement;
  /** Undefined: as the model usually does. */
  maxPatches(): number | undefined;
}

export function createFineness(changed: () => void): Fineness {
  const usual = h('option', { value: '' }, 'Usual patches');
  const fine = h('option', { value: LONGEST_TRAINED }, `Fine: up to ${exact(LONGEST_TRAINED)}, slower`);
  const select = h('select', { id: 'heat-fineness', class: 'select', on: { change: changed } }, usual, fine);
  const element = h(
    'div',
    { class: 'fineness', hidden: true },
    h('label', { class: 'field', for: 'heat-fineness' }, 'How finely the model looks'),
    select,
  );
  const follow = async () => {
    // Who asks for a heatmap hears what is wrong.
    const model = await servedModel().catch(() => undefined);
    const most = model?.kind === 'naflex' ? (model.maxPatches ?? LONGEST_TRAINED) : LONGEST_TRAINED;
    element.hidden = most >= LONGEST_TRAINED;
    usual.textContent = `Usual: up to ${exact(most)} patches`;
    if (element.hidden) select.value = '';
  };
  watchModel(() => void follow());
  void follow();
  return {
    element,
    maxPatches: () => (select.value === '' ? undefined : Number(select.value)),
  };
}
