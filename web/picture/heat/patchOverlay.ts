import { h } from '../../shared/element.ts';
import { latest } from '../../shared/latest.ts';
import type { Subject } from '../../shared/subject.ts';
import type { Stage } from '../stage.ts';
import { askPatches, type PatchHeat } from './ask.ts';
import { beside, type Cell, cellAt, partOf } from './heatGrid.ts';
import { stretched } from './heatPixels.ts';
import { createLegend } from './legend.ts';
import type { Overlay } from './overlay.ts';

type Place = Cell | { readonly x: number; readonly y: number };
const MIDDLE: Place = { x: 0.5, y: 0.5 };

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const cellText = ({ row, column }: Cell): string => `row ${row + 1}, column ${column + 1}`;

/** How similar all patches of a picture are to one that is chosen by pointer, finger or keys. */
export function patchOverlay(stage: Stage): Overlay {
  const status = h('p', { id: 'patch-status', class: 'status', role: 'status' });
  const legend = createLegend(['least alike', 'most alike']);
  legend.element.hidden = true;
  const element = h(
    'div',
    { class: 'form' },
    h(
      'p',
      { id: 'patch-help', class: 'tip' },
      'Choose a patch of the picture: all others are coloured by how alike they are to the model. With the keyboard, go to the picture, move with the arrow keys, and press Enter.',
    ),
    legend.element,
    status,
  );
  const { frame, layers } = stage;
  let subject: Subject | undefined;
  let maxPatches: number | undefined;
  let shown: PatchHeat | undefined;
  let at: Cell = { row: 0, column: 0 };
  let place = MIDDLE;

  const say = (text: string, isError = false) => {
    status.className = isError ? 'status error' : 'status';
    status.textContent = text;
  };
  const request = latest(
    0,
    (signal) => askPatches(subject!, place, maxPatches, signal),
    (heat) => {
      shown = heat;
      at = heat;
      const isChosen = (row: number, column: number) => row === heat.row && column === heat.column;
      const { values, least, most } = stretched(heat.values, isChosen);
      layers.heat(heat, values, stage.ratio());
      layers.mark(partOf(heat, heat));
      layers.cursor(undefined);
      stage.cover(true);
      legend.show(least, most);
      legend.element.hidden = false;
      say(`All ${heat.rows} × ${heat.columns} patches compared with that in ${cellText(heat)}.`);
    },
    (error) => say(error.message, true),
  );
  const choose = (next: Place) => {
    place = next;
    request.run(true);
  };
  const point = (cell: Cell | undefined) => {
    layers.cursor(shown && cell ? partOf(shown, cell) : undefined);
    if (!shown || !cell) return;
    const value = shown.values[cell.row]?.[cell.column] ?? 0;
    say(`The patch in ${cellText(cell)} is ${value.toFixed(2)} alike (1 is the same).`);
  };
  const shares = (event: MouseEvent) => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const isOn = () => subject !== undefined;
  frame.addEventListener('click', (event) => {
    if (!isOn()) return;
    const { x, y } = shares(event);
    if (shown && !cellAt(shown, x, y)) say('The model does not look at this edge of the picture.');
    else choose({ x: Math.min(Math.max(x, 0), 1), y: Math.min(Math.max(y, 0), 1) });
  });
  frame.addEventListener('pointermove', (event) => {
    if (!isOn() || !shown || event.pointerType === 'touch') return;
    const { x, y } = shares(event);
    point(cellAt(shown, x, y));
  });
  frame.addEventListener('pointerleave', () => {
    if (isOn()) layers.cursor(undefined);
  });
  frame.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!isOn() || !shown) return;
    if (step) {
      at = beside(shown, at, ...step);
      point(at);
    } else if (event.key === 'Enter' || event.key === ' ') choose({ row: at.row, column: at.column });
    else return;
    event.preventDefault();
  });
  const reachable = (is: boolean) => {
    const attributes = {
      tabindex: '0',
      role: 'application',
      'aria-label': 'Patches of the picture',
      'aria-describedby': 'patch-help patch-status',
    };
    for (const [name, value] of Object.entries(attributes))
      if (is) frame.setAttribute(name, value);
      else frame.removeAttribute(name);
  };
  const clear = () => {
    shown = undefined;
    layers.clear();
    stage.cover(false);
    legend.element.hidden = true;
  };
  return {
    element,
    begin(next, most) {
      subject = next;
      maxPatches = most;
      clear();
      reachable(true);
      choose(MIDDLE);
    },
    end() {
      subject = undefined;
      request.cancel();
      clear();
      reachable(false);
    },
  };
}
