import { h } from '../../shared/element.ts';
import { latest } from '../../shared/latest.ts';
import { meter } from '../../shared/meter.ts';
import { percent } from '../../shared/numbers.ts';
import type { Subject } from '../../shared/subject.ts';
import type { Stage } from '../stage.ts';
import { askHeat, type TextHeat } from './ask.ts';
import { createLegend } from './legend.ts';
import type { Overlay } from './overlay.ts';
import { partText } from './partText.ts';

/** Milliseconds without a key press before asking. */
const PAUSE = 150;
/** Below this the picture as a whole hardly fits: its brightest place says little. */
const HARDLY = 0.01;

/** What a heatmap says, in words. A search may say another probability: it weighs that of the model against other queries. */
function heatText({ text, probability, box }: TextHeat): string {
  const place = box ? ` “${text}” stands out most here: ${partText(box)}.` : '';
  const doubt = probability < HARDLY ? ' The picture hardly fits, so its brightest place says little.' : '';
  return `By the model alone, the whole picture fits with ${percent(probability)}.${place}${doubt}`;
}

export interface WhereOverlay extends Overlay {
  /** What is looked for from now on. */
  setText(text: string): void;
}

/**
 * Where a picture shows what somebody writes, live.
 * @param typed called with each new text
 */
export function whereOverlay(stage: Stage, typed: (text: string) => void): WhereOverlay {
  const input = h('input', {
    id: 'where-text',
    class: 'input',
    type: 'search',
    dir: 'auto',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 500,
    placeholder: 'a red bicycle',
  });
  const probability = h('div', { class: 'probability' });
  const status = h('p', { id: 'where-status', class: 'status', role: 'status' });
  const legend = createLegend(['fits least', 'fits most']);
  const result = h('div', { class: 'heat-result', hidden: true }, probability, legend.element);
  const element = h(
    'div',
    { class: 'form' },
    h('label', { class: 'field', for: 'where-text' }, 'Where is …, in any language'),
    input,
    result,
    status,
  );
  let subject: Subject | undefined;
  let maxPatches: number | undefined;
  const say = (text: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = text;
  };
  const request = latest(
    PAUSE,
    (signal) => askHeat(subject!, input.value.trim(), maxPatches, signal),
    (heat) => {
      stage.layers.heat(heat, heat.values, stage.ratio());
      stage.layers.box(heat.box ?? undefined);
      stage.cover(true);
      legend.show(heat.least, heat.most);
      probability.replaceChildren(meter(heat.probability));
      result.hidden = false;
      say(heatText(heat));
    },
    (error) => {
      clear();
      say(error.message, true);
    },
  );
  const clear = () => {
    stage.layers.clear();
    stage.cover(false);
    result.hidden = true;
  };
  const update = (immediately: boolean) => {
    request.cancel();
    if (!subject) return;
    if (input.value.trim() !== '') return request.run(immediately);
    clear();
    say('Write what to look for in the picture.');
  };
  input.addEventListener('input', () => {
    typed(input.value.trim());
    update(false);
  });
  return {
    element,
    setText(text) {
      if (text === input.value.trim()) return;
      input.value = text;
      update(true);
    },
    begin(next, most) {
      subject = next;
      maxPatches = most;
      clear();
      update(true);
    },
    end() {
      subject = undefined;
      request.cancel();
      clear();
    },
  };
}
