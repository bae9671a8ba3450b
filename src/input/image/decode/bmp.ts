import { type RgbImage, rgbImage } from '../rgbImage.ts';

/** What the headers of a BMP file say. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the top; most files store them from the bottom. */
  readonly topDown: boolean;
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  /** Where the colours of a palette begin, how many there are, and how many bytes each has. */
  readonly palette: { readonly at: number; readonly count: number; readonly width: 3 | 4 };
  /** Which bits of a pixel of 16 or 32 bits are red, green and blue. */
  readonly masks: readonly [number, number, number];
  /** Where the rows begin. */
  readonly at: number;
}

const FILE_HEADER = 14;
/** The oldest header, of OS/2: 16-bit sides, three bytes a colour. */
const CORE_HEADER = 12;
/** Bytes of a file's start that hold all that is read of its headers. */
const LONGEST_READ = 66;
const RGB = 0;
const BITFIELDS = 3;
const MASKS_15 = [0x7c00, 0x03e0, 0x001f] as const;
const MASKS_24 = [0xff0000, 0x00ff00, 0x0000ff] as const;

const isBits = (bits: number): bits is BmpHeader['bits'] => [1, 4, 8, 16, 24, 32].includes(bits);

/**
 * Reads the headers of a BMP file.
 * @throws RangeError when they end early, or say what is not read (run-length coded files, embedded JPEG)
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  // A file that ends within its header has no pixels, which is found there.
  const padded = new Uint8Array(LONGEST_READ);
  padded.set(bytes.subarray(0, LONGEST_READ));
  const view = new DataView(padded.buffer);
  const size = view.getUint32(FILE_HEADER, true);
  const isCore = size === CORE_HEADER;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = isCore ? view.getInt16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? RGB : view.getUint32(30, true);
  if (!isBits(bits)) throw new RangeError(`has ${bits} bits a pixel: save it with 24.`);
  if (compression !== RGB && !(compression === BITFIELDS && bits >= 16))
    throw new RangeError('is a compressed BMP, which is not read: save it without compression, or as PNG.');
  const hasMasks = compression === BITFIELDS;
  const said = isCore ? 0 : view.getUint32(46, true);
  return {
    width,
    height: Math.abs(rows),
    topDown: rows < 0,
    bits,
    palette: {
      at: FILE_HEADER + size,
      count: bits > 8 ? 0 : Math.min(said || 2 ** bits, 2 ** bits),
      width: isCore ? 3 : 4,
    },
    // Where a header has no room for masks they stand behind it, at the same place.
    masks: hasMasks
      ? [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
      : bits === 16
        ? MASKS_15
        : MASKS_24,
    at: view.getUint32(10, true),
  };
}

/** A colour's value from the bits of its mask, spread over 0 … 255. */
function channelOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => Math.floor((((pixel & mask) >>> shift) * 255) / most);
}

/**
 * Decodes an uncompressed BMP file: 1, 4 or 8 bits with a palette, 16, 24 or 32 bits. Alpha is dropped, as Pillow does.
 * @throws RangeError when the file ends early, or is of a kind that is not read
 */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const header = readBmpHeader(bytes);
  const { width, height, bits, topDown, at } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width <= 0 || height <= 0 || at + stride * height > bytes.length)
    throw new RangeError(`ends before its ${width}×${height} pixels do: give a complete file.`);
  const data = new Uint8Array(width * height * 3);
  const readRow =
    bits <= 8 ? paletteRow(bytes, header) : bits === 24 ? bgrRow(bytes, header) : maskedRow(bytes, header);
  for (let y = 0; y < height; y++) readRow(at + (topDown ? y : height - 1 - y) * stride, data, y * width * 3);
  return rgbImage(width, height, data);
}

type ReadRow = (from: number, data: Uint8Array, to: number) => void;

const bgrRow =
  (bytes: Uint8Array, { width }: BmpHeader): ReadRow =>
  (from, data, to) => {
    for (let i = 0; i < 3 * width; i += 3) {
      data[to + i] = bytes[from + i + 2]!;
      data[to + i + 1] = bytes[from + i + 1]!;
      data[to + i + 2] = bytes[from + i]!;
    }
  };

const paletteRow =
  (bytes: Uint8Array, { width, bits, palette }: BmpHeader): ReadRow =>
  (from, data, to) => {
    const perByte = 8 / bits;
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      const index = (bytes[from + Math.floor(x / perByte)]! >> shift) & (2 ** bits - 1);
      // A colour that the palette lacks is black, as in Pillow.
      const colour = index < palette.count ? palette.at + index * palette.width : Number.NaN;
      for (let c = 0; c < 3; c++) data[to + 3 * x + c] = bytes[colour + 2 - c] ?? 0;
    }
  };

function maskedRow(bytes: Uint8Array, { width, bits, masks }: BmpHeader): ReadRow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = masks.map(channelOf);
  return (from, data, to) => {
    for (let x = 0; x < width; x++) {
      const pixel = bits === 16 ? view.getUint16(from + 2 * x, true) : view.getUint32(from + 4 * x, true);
      channels.forEach((channel, c) => {
        data[to + 3 * x + c] = channel(pixel);
      });
    }
  };
}
