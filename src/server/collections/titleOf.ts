import { basename } from 'node:path';
import type { Picture } from '../../search/collection/picture.ts';

/** `1:02:03`, `0:07`, `0:07.5` */
function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(Math.round((seconds % 60) * 1000) / 1000);
  const padded = /^\d(\.|$)/.test(rest) ? `0${rest}` : rest;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${padded}` : `${minutes}:${padded}`;
}

/**
 * What people call a picture: the name of its file, with its time or page.
 * @example titleOf(frame) // 'holiday.mp4, 1:02'
 */
export function titleOf({ path, kind, at }: Pick<Picture, 'path' | 'kind' | 'at'>): string {
  const name = basename(path);
  if (kind === 'frame') return `${name}, ${clock(at)}`;
  return kind === 'page' ? `${name}, page ${at}` : name;
}
