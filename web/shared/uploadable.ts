const png = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('This picture cannot be drawn.'))));
  });

async function loadImage(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

const SENT_AS_THEY_ARE = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'];
const MOST_BYTES = 20 * 2 ** 20;
/** Longer side of a picture that we draw: more than any model looks at. */
const SIDE = 1536;
/** Longer side of a drawing, which has none of its own. */
const DRAWING_SIDE = 512;

/** A picture in a form that the server takes: other formats (SVG) and very large files are drawn here first. */
export async function uploadable(file: Blob): Promise<Blob> {
  if (SENT_AS_THEY_ARE.includes(file.type) && file.size <= MOST_BYTES) return file;
  const url = URL.createObjectURL(file);
  try {
    const image = await loadImage(url);
    const [width, height] = [image.naturalWidth || SIDE, image.naturalHeight || SIDE];
    const side = Math.max(width, height);
    const scale = file.type === 'image/svg+xml' ? DRAWING_SIDE / side : Math.min(1, SIDE / side);
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
