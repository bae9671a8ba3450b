// @ts-check

/** @import { Sheet } from './api.js' */

/**
 * The element that shows one picture of the sheet.
 * @param {Sheet} sheet
 * @param {number} index
 */
export function tile({ columns }, index) {
  const element = document.createElement('span');
  element.className = 'tile';
  element.style.setProperty('--column', String(index % columns));
  element.style.setProperty('--row', String(Math.floor(index / columns)));
  return element;
}

/**
 * Makes the sheet known to the style sheet and starts loading it.
 * @param {Sheet} sheet
 */
export function useSheet({ url, columns }) {
  document.documentElement.style.setProperty('--sheet', `url("${url}")`);
  document.documentElement.style.setProperty('--columns', String(columns));
  new Image().src = url;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
const png = (canvas) =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('This picture cannot be drawn.'))));
  });

/** @param {string} url */
async function loadImage(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/**
 * One picture of the sheet as a file of its own.
 * @param {Sheet} sheet
 * @param {number} index
 */
export async function tileFile({ url, tile: side, columns }, index) {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const image = await loadImage(url);
  const [x, y] = [(index % columns) * side, Math.floor(index / columns) * side];
  canvas.getContext('2d')?.drawImage(image, x, y, side, side, 0, 0, side, side);
  return png(canvas);
}

const SENT_AS_THEY_ARE = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'];
const MOST_BYTES = 20 * 2 ** 20;
/** Longer side of a picture that we draw: more than any model looks at. */
const SIDE = 1536;

/**
 * A picture in a form that the server takes: other formats (SVG) and very large files are drawn here first.
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export async function uploadable(file) {
  if (SENT_AS_THEY_ARE.includes(file.type) && file.size <= MOST_BYTES) return file;
  const url = URL.createObjectURL(file);
  try {
    const image = await loadImage(url);
    const [width, height] = [image.naturalWidth || SIDE, image.naturalHeight || SIDE];
    const scale =
      file.type === 'image/svg+xml'
        ? 512 / Math.max(width, height)
        : Math.min(1, SIDE / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await png(canvas);
  } catch (cause) {
    throw new Error('This file is not a picture that the browser can read.', { cause });
  } finally {
    URL.revokeObjectURL(url);
  }
}
