import { h } from '../../shared/element.ts';
import {
  type Layout,
  layoutOf,
  type Metrics,
  type Row,
  rowOfItem,
  rowsBetween,
  type Section,
} from './layout.ts';
import { moved } from './moves.ts';
import { type Scroll, scrollOf } from './windowed.ts';

/** Pixels above and below what is seen in which tiles are made in advance. */
const AHEAD = 400;

/** What stands in the grid for one item. */
export interface Tile {
  /** A cell with one link in it. */
  readonly element: HTMLElement;
  /** None while it is not known what comes. */
  readonly link?: HTMLElement;
  /** Shows what is known of its item now. */
  update(): void;
  /** It is shown no more. */
  end(): void;
}

/** A part of what a grid shows. */
export interface GridSection {
  readonly heading?: (() => Node) | undefined;
  /** Dimmed: these are shown although they do not fit. */
  readonly isFar?: boolean | undefined;
  readonly count: number;
}

/** What a grid shows. */
export interface GridItems {
  readonly sections: readonly GridSection[];
  /** What tells an item from others; its tile is kept as long as the key is seen. */
  keyOf(item: number): string;
  tile(item: number): Tile;
}

export interface GridOptions {
  readonly label: string;
  metrics(width: number): Metrics;
  /** Pixels at the top of the window that something else covers. */
  covered(): number;
  /** These items are seen now: from the first to before the end. */
  onSeen(first: number, end: number): void;
  /** Escape was pressed, or the arrow up in the first row. */
  onLeave(): void;
}

interface ShownRow {
  readonly element: HTMLElement;
  /** What it was drawn for. */
  readonly items: GridItems;
}

const NOTHING: GridItems = {
  sections: [],
  keyOf: String,
  tile: () => {
    throw new RangeError('the grid is empty');
  },
};

/** Tiles in rows, of which only those exist that are seen, and the one with the focus. Arrow keys move among them. */
export class Grid {
  readonly element: HTMLElement;
  readonly #options: GridOptions;
  #items = NOTHING;
  #layout: Layout;
  #scroll: Scroll = scrollOf(0, 0);
  #rows = new Map<string, ShownRow>();
  #tiles = new Map<string, Tile>();
  #active = 0;
  #frame = 0;

  constructor(options: GridOptions, signal: AbortSignal) {
    this.#options = options;
    this.element = h('div', { class: 'grid', role: 'grid', 'aria-label': options.label });
    this.#layout = layoutOf([], options.metrics(0));
    const later = () => {
      this.#frame ||= requestAnimationFrame(() => this.#draw());
    };
    addEventListener('scroll', later, { passive: true, signal });
    addEventListener('resize', later, { signal });
    const observer = new ResizeObserver(() => this.#arrange());
    observer.observe(this.element);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      cancelAnimationFrame(this.#frame);
      for (const tile of this.#tiles.values()) tile.end();
    });
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusin', ({ target }) => this.#onFocus(target));
  }

  get count(): number {
    return this.#layout.count;
  }

  /** Shows other items, or more of them. */
  show(items: GridItems, isMore = false): void {
    this.#items = items;
    if (!isMore) this.#active = 0;
    this.#arrange();
    this.refresh();
  }

  /** Shows what has become known of the items that are seen. */
  refresh(): void {
    for (const tile of this.#tiles.values()) tile.update();
  }

  /** Goes to the item that was reached last, at first the first one. @returns whether there is one */
  focus(): boolean {
    if (this.count === 0) return false;
    this.#focusItem(Math.min(this.#active, this.count - 1));
    return true;
  }

  #arrange(): void {
    const sections: Section[] = this.#items.sections.map(({ heading, count }) => ({
      hasHeading: heading !== undefined,
      count,
    }));
    const metrics = this.#options.metrics(this.element.clientWidth);
    this.#layout = layoutOf(sections, metrics);
    this.#scroll = scrollOf(this.#layout.height, innerHeight);
    const { style } = this.element;
    style.setProperty('--columns', String(metrics.columns));
    style.setProperty('--gap', `${metrics.gap}px`);
    style.setProperty('--tile-height', `${metrics.tileHeight}px`);
    style.height = `${this.#scroll.height}px`;
    this.element.setAttribute('aria-rowcount', String(this.#layout.rows));
    this.element.setAttribute('aria-colcount', String(metrics.columns));
    this.#draw();
  }

  /** The rows to draw, and how far they are moved from where they are in the list. */
  #seen(): { rows: Row[]; shift: number } {
    const scrolled = -this.element.getBoundingClientRect().top;
    const offset = this.#scroll.toList(scrolled);
    const rows = rowsBetween(this.#layout, offset - AHEAD, offset + innerHeight + AHEAD);
    if (this.element.contains(document.activeElement) && this.#active < this.count) {
      const row = rowOfItem(this.#layout, this.#active);
      if (!rows.some(({ index }) => index === row.index)) rows.push(row);
    }
    return { rows, shift: scrolled - offset };
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { rows, shift } = this.#seen();
    const tiles = new Map<string, Tile>();
    const shown = new Map<string, ShownRow>();
    for (const row of rows) {
      const key = `${row.kind} ${row.index}`;
      const drawn =
        row.kind === 'heading'
          ? this.#drawHeading(row, this.#rows.get(key))
          : this.#drawTiles(row, tiles, this.#rows.get(key));
      drawn.element.style.transform = `translateY(${row.top + shift}px)`;
      shown.set(key, drawn);
    }
    for (const [key, { element }] of this.#rows) if (shown.get(key)?.element !== element) element.remove();
    for (const [key, tile] of this.#tiles) if (!tiles.has(key)) tile.end();
    this.#rows = shown;
    this.#tiles = tiles;
    const ofTiles = rows.filter(({ kind }) => kind === 'tiles');
    if (ofTiles.length > 0)
      this.#options.onSeen(
        Math.min(...ofTiles.map(({ first }) => first)),
        Math.max(...ofTiles.map(({ end }) => end)),
      );
  }

  #drawHeading(row: Row, shown: ShownRow | undefined): ShownRow {
    const items = this.#items;
    if (shown?.items === items) return shown;
    const heading = items.sections[row.section]?.heading?.() ?? '';
    const attributes = { role: 'gridcell', 'aria-colindex': 1, 'aria-colspan': this.#layout.metrics.columns };
    const element = h(
      'div',
      { class: 'row heading', role: 'row', 'aria-rowindex': row.index + 1 },
      h('div', attributes, heading),
    );
    this.element.append(element);
    return { element, items };
  }

  /** The tile of an item: the one that is there, or a new one. */
  #tileFor(item: number): Tile {
    const key = this.#items.keyOf(item);
    const known = this.#tiles.get(key);
    if (known) return known;
    const tile = this.#items.tile(item);
    this.#tiles.set(key, tile);
    tile.update();
    return tile;
  }

  #drawTiles(row: Row, tiles: Map<string, Tile>, shown: ShownRow | undefined): ShownRow {
    const cells: HTMLElement[] = [];
    for (let item = row.first; item < row.end; item++) {
      const tile = this.#tileFor(item);
      tiles.set(this.#items.keyOf(item), tile);
      if (tile.link) tile.link.tabIndex = item === this.#active ? 0 : -1;
      tile.element.setAttribute('aria-colindex', String(item - row.first + 1));
      tile.element.dataset['item'] = String(item);
      cells.push(tile.element);
    }
    const element = shown?.element ?? h('div', { role: 'row', 'aria-rowindex': row.index + 1 });
    element.className = this.#items.sections[row.section]?.isFar ? 'row tiles far' : 'row tiles';
    // What stays where it is keeps the focus.
    if (cells.length !== element.children.length || cells.some((cell, i) => element.children[i] !== cell))
      element.replaceChildren(...cells);
    if (!element.isConnected) this.element.append(element);
    return { element, items: this.#items };
  }

  #onFocus(target: EventTarget | null): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-item]') : null;
    const item = Number(cell?.dataset['item']);
    if (!cell || item === this.#active) return;
    this.#tileOf(this.#active)?.link?.setAttribute('tabindex', '-1');
    this.#active = item;
    this.#tileOf(item)?.link?.setAttribute('tabindex', '0');
  }

  #tileOf(item: number): Tile | undefined {
    return item < this.count ? this.#tiles.get(this.#items.keyOf(item)) : undefined;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || event.shiftKey || this.count === 0) return;
    const { tileHeight, gap } = this.#layout.metrics;
    const pageRows = Math.max(1, Math.floor((innerHeight - this.#options.covered()) / (tileHeight + gap)));
    const isRightToLeft = getComputedStyle(this.element).direction === 'rtl';
    const key = event.ctrlKey ? `Ctrl+${event.key}` : event.key;
    const next = moved(this.#layout, this.#active, key, { pageRows, isRightToLeft });
    if (key === 'Escape' || (key === 'ArrowUp' && next === this.#active)) {
      event.preventDefault();
      this.#options.onLeave();
    } else if (next !== undefined) {
      event.preventDefault();
      this.#focusItem(next);
    }
  }

  #focusItem(item: number): void {
    this.#active = item;
    this.#scrollTo(rowOfItem(this.#layout, item));
    this.#draw();
    this.#tileOf(item)?.link?.focus({ preventScroll: true });
  }

  /** Scrolls as little as is needed to see all of a row. */
  #scrollTo({ top, height }: Row): void {
    const { gap } = this.#layout.metrics;
    const start = this.element.getBoundingClientRect().top + scrollY;
    const from = this.#scroll.toList(scrollY + this.#options.covered() - start) + gap;
    const to = this.#scroll.toList(scrollY - start) + innerHeight - gap;
    if (top < from) scrollTo(0, start + this.#scroll.toElement(top - gap) - this.#options.covered());
    else if (top + height > to) scrollTo(0, start + this.#scroll.toElement(top + height + gap - innerHeight));
  }
}
