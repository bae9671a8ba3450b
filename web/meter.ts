/**
 * A probability as people read it.
 * @param probability 0 … 1
 */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value < 10) return `${value.toFixed(1)} %`;
  return value > 99 && value < 100 ? '> 99 %' : `${Math.round(value)} %`;
}

/**
 * A bar with its figure.
 * @param probability 0 … 1
 */
export function meter(probability: number): HTMLElement {
  const element = document.createElement('span');
  element.className = 'meter';
  const bar = document.createElement('span');
  bar.className = 'bar';
  bar.style.setProperty('--share', String(probability));
  const figure = document.createElement('span');
  figure.className = 'figure';
  figure.textContent = percent(probability);
  element.append(bar, figure);
  return element;
}
