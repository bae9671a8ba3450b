import { createPace } from '../../tensor/support/pace.ts';
import { type CliIo, note } from './io.ts';

/** A line on the terminal that says how far long work is. */
export interface Progress {
  /**
   * @param total undefined where nobody knows it
   * @param detail what is being done, e.g. a file's name.
   */
  update(done: number, total: number | undefined, detail?: string): void;
  /** Removes the line. */
  end(): void;
}

const WIDTH = 24;
const INTERVAL = 100;

/** `75` → `1m15s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours}h${String(minutes).padStart(2, '0')}m`;
  return minutes > 0 ? `${minutes}m${String(rest).padStart(2, '0')}s` : `${rest}s`;
}

/** `1500000` → `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`;
}

/** `====>    ` for a share from 0 to 1. */
export function bar(share: number, width = WIDTH): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

/** Draws over one line of a terminal, ten times a second at most; nothing where stderr is no terminal. */
export function statusLine({ stderr }: CliIo) {
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    /**
     * @param text is told how many characters fit; more are cut off
     * @param force draw even if the last drawing is fresh.
     */
    draw(text: (width: number) => string, force = false) {
      const now = performance.now();
      if (!stderr.isTTY || (!force && now - drawn < INTERVAL)) return;
      drawn = now;
      const width = (stderr.columns ?? 80) - 1;
      stderr.write(`\r\u001b[2K${text(width).slice(0, width)}`);
    },
    clear() {
      if (stderr.isTTY && drawn > Number.NEGATIVE_INFINITY) stderr.write('\r\u001b[2K');
    },
  };
}

/** Milliseconds between two lines where there is no terminal: now and then, for a log. */
const LINE_INTERVAL = 30_000;

/**
 * A bar with counts, rate and time to go; without a terminal a line of them every 30 seconds.
 * @param format how counts are written, e.g. {@link formatBytes}.
 */
export function progressBar(
  io: CliIo,
  label: string,
  format: (count: number) => string = (count) => String(Math.round(count)),
): Progress {
  const line = statusLine(io);
  const paceOf = createPace();
  let noted = performance.now();
  return {
    update(done, total, detail = '') {
      const now = performance.now();
      const { rate = 0, remaining } = paceOf(done, total) ?? {};
      const left = remaining === undefined ? '' : `  ETA ${formatDuration(remaining)}`;
      const pace = rate > 0 ? `${format(rate)}/s${left}` : '';
      const counts = total === undefined ? format(done) : `${format(done)}/${format(total)}`;
      const shown = total === undefined ? '' : `${bar(done / total)} `;
      line.draw(() => `${label} ${shown}${counts}  ${pace}  ${detail}`, total !== undefined && done >= total);
      if (io.stderr.isTTY || now - noted < LINE_INTERVAL) return;
      noted = now;
      note(io, `${label} ${[counts, pace, detail].filter(Boolean).join('  ')}`);
    },
    end: line.clear,
  };
}
