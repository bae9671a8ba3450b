import sharp from 'sharp';
import { boxColour, boxOverlay, writeAll, writeAtomic } from '../../../src/data/index.ts';
import type { Scene } from './scene.ts';

export interface ContactSheetOptions {
  /** Scenes in a row. Default 4. */
  readonly columns?: number;
  /** Texts under each scene, by scene. Default: none. */
  readonly captions?: readonly string[];
  /** Whether to tint each object's visible pixels. Default true. */
  readonly masks?: boolean;
  /** Each scene's pixels become squares of this many. Default 2. */
  readonly scale?: number;
}

const TINT = 0.45;
const GAP = 8;
const CAPTION_HEIGHT = 22;

function tinted({ image, instances }: Scene): Uint8Array {
  return image.data.map((value, at) => {
    const instance = instances[Math.floor(at / 3)]!;
    return instance === 0 ? value : value + TINT * (boxColour(instance - 1)[at % 3]! - value);
  });
}

const frames = ({ objects, image }: Scene, scale: number, caption = ''): Buffer =>
  boxOverlay({
    width: image.width,
    height: image.height,
    boxes: objects.map(({ box }) => box),
    scale,
    caption: { text: caption, height: CAPTION_HEIGHT },
  });

/** Draws scenes on one sheet with their boxes, masks and captions, as PNG bytes. */
export async function contactSheet(
  scenes: readonly Scene[],
  options: ContactSheetOptions = {},
): Promise<Buffer> {
  const { columns = 4, captions = [], masks = true, scale = 2 } = options;
  if (scenes.length === 0) throw new RangeError('a contact sheet needs at least one scene');
  const cellWidth = Math.max(...scenes.map(({ image }) => image.width)) * scale + GAP;
  const cellHeight = Math.max(...scenes.map(({ image }) => image.height)) * scale + CAPTION_HEIGHT + GAP;
  const layers = await Promise.all(
    scenes.map(async (scene, i) => {
      const { width, height, data } = scene.image;
      const picture = await sharp(masks ? tinted(scene) : data, { raw: { width, height, channels: 3 } })
        .resize(width * scale, height * scale, { kernel: 'nearest' })
        .png()
        .toBuffer();
      const place = {
        left: GAP + (i % columns) * cellWidth,
        top: GAP + Math.floor(i / columns) * cellHeight,
      };
      return [
        { input: picture, ...place },
        { input: frames(scene, scale, captions[i]), ...place },
      ];
    }),
  );
  return sharp({
    create: {
      width: GAP + Math.min(columns, scenes.length) * cellWidth,
      height: GAP + Math.ceil(scenes.length / columns) * cellHeight,
      channels: 3,
      background: 'white',
    },
  })
    .composite(layers.flat())
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
}

/** Writes {@link contactSheet} to a file, whole or not at all. */
export async function writeContactSheet(
  path: string,
  scenes: readonly Scene[],
  options?: ContactSheetOptions,
): Promise<void> {
  const bytes = await contactSheet(scenes, options);
  await writeAtomic(path, (file) => writeAll(file, bytes));
}
