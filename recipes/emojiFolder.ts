/**
 * A small folder of pictures to try fine-tuning on (docs/finetune.md): 183 of Noto's emoji drawings, a style that the
 * embedded model was not trained on. Four sub-folders say what they show.
 *
 *   npx tsx recipes/emojiFolder.ts out/emoji
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { locatePackage } from '../datasets/emoji/index.ts';

/** Sub-folders, and the group of emoji in each. */
const CLASSES: Readonly<Record<string, string>> = {
  mammals: 'animal-mammal',
  fruit: 'food-fruit',
  traffic: 'transport-ground',
  clothes: 'clothing',
};

const emojiSchema = z.array(
  z.object({
    image: z.string(),
    short_name: z.string(),
    subcategory: z.string(),
    has_img_google: z.boolean(),
  }),
);

const folder = process.argv[2];
if (folder === undefined) throw new Error('say where: npx tsx recipes/emojiFolder.ts out/emoji');
const { directory } = locatePackage('emoji-datasource-google');
const emoji = emojiSchema.parse(JSON.parse(readFileSync(join(directory, 'emoji.json'), 'utf8')));
let count = 0;
for (const [name, group] of Object.entries(CLASSES)) {
  mkdirSync(join(folder, name), { recursive: true });
  for (const { image, short_name } of emoji.filter(
    (one) => one.subcategory === group && one.has_img_google,
  )) {
    const drawing = sharp(join(directory, 'img/google/64', image)).flatten({ background: '#ffffff' });
    await drawing.png().toFile(join(folder, name, `${short_name}.png`));
    count++;
  }
}
console.log(`${count} pictures in ${Object.keys(CLASSES).length} sub-folders of ${folder}`);
