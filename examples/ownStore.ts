import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { registerStore } from 'siglip2/search';

const SIZE = 128;
const indexOf = (folder: string): string => join(folder, 'pictures.json');

/** `pictures.json` beside pictures: `{ "otter.jpg": "an otter" }`. They are embedded when the collection is opened. */
export const named = registerStore({
  name: 'named',
  holds: (folder) => existsSync(indexOf(folder)),

  async open(folder, encoder) {
    const names: Record<string, string> = JSON.parse(await readFile(indexOf(folder), 'utf8'));
    const files = Object.keys(names).map((file) => join(folder, file));
    const pictures = await Promise.all(
      files.map((file) => sharp(file).resize(SIZE, SIZE, { fit: 'cover' }).webp().toBuffer()),
    );
    return {
      description: `${files.length} pictures of ${folder}`,
      size: SIZE,
      items: Object.entries(names).map(([id, name]) => ({ id, name, emoji: '' })),
      embeddings: await encoder.embedImages(files),
      pictures: pictures.map((bytes) => Uint8Array.from(bytes)),
    };
  },
});
