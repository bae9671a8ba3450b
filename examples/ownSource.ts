import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type IndexedSource, type Read, registerSource } from 'siglip2/data';

/** A line `otter.jpg<tab>an otter on a rock`, its image beside the list; what is not so is told of and left out. */
function readLine(line: string, folder: string, source: string): Read {
  const [file = '', ...captions] = line.split('\t');
  if (captions.length > 0)
    return {
      sample: { key: file, source, image: join(folder, file), captions: captions.map((text) => ({ text })) },
    };
  return { bad: { key: file, source, reason: 'missing-caption', detail: 'has no tab and no caption' } };
}

/** Lists of images with captions, a line each: `--data photos.list`. */
export const listed = registerSource({
  name: 'listed',
  description: '.list files (a line has an image, a tab and a caption)',
  takes: (path) => path.endsWith('.list'),

  async open(paths, { name = paths.join(', ') }): Promise<IndexedSource> {
    const reads: Read[] = [];
    for (const path of paths) {
      const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
      reads.push(...lines.map((line) => readLine(line, dirname(path), name)));
    }
    return { kind: 'indexed', name, size: reads.length, read: async (index) => reads[index]! };
  },
});
