/** A size of a picture: pixels of its shorter side, or bytes of its file. */
export interface PictureSize {
  readonly unit: 'pixels' | 'bytes';
  readonly value: number;
}

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

export const SIZE_FORMS =
  'expected pixels of the shorter side, such as 800px, or bytes, such as 500kB or 1.5MB';

/** `800px` or `1.5MB`; undefined for what is neither. */
export function pictureSize(text: string): PictureSize | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  if (digits === '') return undefined;
  if (unit.toLowerCase() === 'px') return { unit: 'pixels', value: Number(digits) };
  const factor = BYTES[unit.toLowerCase()];
  return factor === undefined ? undefined : { unit: 'bytes', value: Number(digits) * factor };
}
