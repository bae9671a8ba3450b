import { h } from '../shared/element.ts';
import type { Drawing } from './curves.ts';

const NAME = 'siglip2-charts';

/** How this browser drew charts last. */
function before(): Drawing {
  const [isLogarithmic, smoothing] = (localStorage.getItem(NAME) ?? '').split(' ');
  return {
    isLogarithmic: isLogarithmic === 'true',
    smoothing: Math.min(0.99, Math.max(0, Number(smoothing) || 0)),
  };
}

/**
 * How charts are drawn, to choose.
 * @param changed called when somebody chooses
 */
export function createControls(changed: () => void) {
  let drawing = before();
  const log = h('input', { type: 'checkbox' });
  log.checked = drawing.isLogarithmic;
  const smoothing = h('input', { type: 'range', min: 0, max: 0.99, step: 0.01, id: 'smoothing' });
  smoothing.value = String(drawing.smoothing);
  const shown = h('output', { for: 'smoothing' }, drawing.smoothing.toFixed(2));
  const choose = () => {
    drawing = { isLogarithmic: log.checked, smoothing: Number(smoothing.value) };
    shown.textContent = drawing.smoothing.toFixed(2);
    localStorage.setItem(NAME, `${drawing.isLogarithmic} ${drawing.smoothing}`);
    changed();
  };
  log.addEventListener('change', choose);
  smoothing.addEventListener('input', choose);
  const element = h(
    'div',
    { class: 'controls', role: 'group', 'aria-label': 'How the charts are drawn' },
    h('label', { class: 'check' }, log, 'Logarithmic'),
    h('label', { class: 'slide' }, 'Smoothing', smoothing, shown),
  );
  return { element, drawing: () => drawing };
}
