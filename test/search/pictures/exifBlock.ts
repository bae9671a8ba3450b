/** A tag of type 2 (text), 4 (whole number) or 5 (fractions). */
export type Tag = readonly [tag: number, type: 2 | 3 | 4 | 5, values: string | readonly number[]];

/**
 * A TIFF structure of directories: the first names the others by `0x8769` (EXIF) and `0x8825` (GPS).
 * @param first more of the first one's tags
 */
export function exifBlock(
  exif: readonly Tag[],
  gps: readonly Tag[],
  little = false,
  first: readonly Tag[] = [],
): Buffer {
  const bytes = Buffer.alloc(4096);
  let free = 8;
  const put16 = (value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const put32 = (value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const take = (length: number) => {
    const at = free;
    free += length;
    return at;
  };

  function directory(tags: readonly Tag[]): number {
    const at = take(2 + 12 * tags.length + 4);
    put16(tags.length, at);
    tags.forEach(([tag, type, values], i) => {
      const entry = at + 2 + 12 * i;
      put16(tag, entry);
      put16(type, entry + 2);
      const count = typeof values !== 'string' && type === 5 ? values.length / 2 : values.length;
      put32(count, entry + 4);
      const size = typeof values === 'string' ? values.length : values.length * (type === 3 ? 2 : 4);
      const place = size <= 4 ? entry + 8 : take(size);
      if (size > 4) put32(place, entry + 8);
      if (typeof values === 'string') bytes.write(values, place, 'latin1');
      else
        for (const [k, value] of values.entries())
          type === 3 ? put16(value, place + 2 * k) : put32(value, place + 4 * k);
    });
    return at;
  }

  bytes.write(little ? 'II' : 'MM', 'latin1');
  put16(42, 2);
  const [exifAt, gpsAt] = [directory(exif), directory(gps)];
  put32(directory([...first, [0x8769, 4, [exifAt]], [0x8825, 4, [gpsAt]]]), 4);
  return bytes.subarray(0, free);
}
