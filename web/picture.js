// @ts-check

/**
 * The address of a gallery's picture.
 * @param {number} index
 */
export const pictureUrl = (index) => `/gallery/${index}.webp`;

/**
 * One picture of the gallery as a file.
 * @param {number} index
 */
export async function pictureFile(index) {
  const response = await fetch(pictureUrl(index));
  if (!response.ok) throw new Error('The picture could not be loaded.');
  return response.blob();
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
