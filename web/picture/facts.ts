import type { Picture } from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import { bytes, day, duration, exact } from '../shared/numbers.ts';

const KINDS: Readonly<Record<Picture['kind'], string>> = {
  image: 'Image',
  frame: 'Frame of a video',
  page: 'Page of a document',
};

/** A time in a video: 1:05, 1:02:03. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Where within its file a picture is; empty for one that is the whole of it. */
function within({ kind, at }: Picture): string {
  if (kind === 'frame') return ` at ${at < 1 ? duration(at) : clock(at)}`;
  return kind === 'page' ? ` ${exact(at)}` : '';
}

const place = ({ latitude, longitude }: Picture): string | undefined =>
  latitude === null || longitude === null ? undefined : `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;

/** What is known of a picture, by name. */
export function factsOf(picture: Picture): [name: string, value: string][] {
  const { kind, width, height, bytes: size, taken, modified, path } = picture;
  const facts: [string, string | undefined][] = [
    ['Kind', KINDS[kind] + within(picture)],
    ['Size', width > 0 ? `${exact(width)} × ${exact(height)} pixels, ${bytes(size)}` : bytes(size)],
    ['Taken', taken === null ? undefined : day(taken)],
    ['Changed', taken === null && modified > 0 ? day(modified) : undefined],
    ['Place', place(picture)],
    ['Path', path ?? undefined],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
}

/** Facts as a list of names and values. */
export const factList = (facts: readonly (readonly [string, string])[]): HTMLElement =>
  h(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', { dir: 'auto' }, value)]),
  );
