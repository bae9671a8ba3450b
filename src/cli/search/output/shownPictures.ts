import { isAbsolute, relative } from 'node:path';
import type { Picture } from '../../../search/collection/picture.ts';
import { type CliIo, note, visible } from '../../support/io.ts';

/** `1:32` or `1:02:05`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A path as short as it can be said from here, for people. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return visible(short === '' || short.startsWith('..') || isAbsolute(short) ? path : short);
}

/** Its path, with the time of a frame or the number of a page. */
export function shownPicture({ path, kind, at }: Pick<Picture, 'path' | 'kind' | 'at'>): string {
  if (kind === 'frame') return `${shownPath(path)} at ${clock(at)}`;
  return kind === 'page' ? `${shownPath(path)} page ${at}` : shownPath(path);
}

/** When it was taken, else when its file was last changed; as the camera's clock had it. */
const timeOf = ({ taken, modified }: Pick<Picture, 'taken' | 'modified'>): number => taken ?? modified;

/** `2024-05-03` */
export const shownDay = (picture: Pick<Picture, 'taken' | 'modified'>): string =>
  new Date(timeOf(picture)).toISOString().slice(0, 10);

/** A picture as `--json` has it. */
export function pictureJson({
  id,
  path,
  kind,
  at,
  width,
  height,
  bytes,
  latitude,
  longitude,
  ...times
}: Picture) {
  const place = latitude === undefined || longitude === undefined ? {} : { latitude, longitude };
  const date = new Date(timeOf(times)).toISOString();
  return { id, path, kind, at, width, height, bytes, date, taken: times.taken !== undefined, ...place };
}

/** A line break in a name: what reads a path a line would take it for two, which may be other files. */
const BREAK = /[\n\r]/;

/** Writes paths for other programs: one a line, or each with a zero byte behind it. What a line cannot hold is told of. */
export function printPathsOf(io: CliIo, paths: readonly string[], zero: boolean): void {
  const all = [...new Set(paths)];
  const written = zero ? all : all.filter((path) => !BREAK.test(path));
  io.stdout.write(written.map((path) => `${path}${zero ? '\0' : '\n'}`).join(''));
  const left = all.length - written.length;
  if (left > 0)
    note(
      io,
      `${left} ${left === 1 ? 'path is' : 'paths are'} left out: a line break is in the name; -0 prints all`,
    );
}
