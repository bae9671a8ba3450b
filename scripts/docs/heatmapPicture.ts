/**
 * Draws docs/heatmap.png: a scene of two emoji, and over it where each of two texts fits.
 *
 *   npx tsx scripts/docs/heatmapPicture.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { load } from '../../src/encoder/load.ts';
import { drawHeatmap } from '../../src/search/regions/drawHeatmap.ts';
import { findRegion } from '../../src/search/regions/findRegion.ts';

const TEXTS = ['taxi', 'T-Rex'];
const [WIDTH, HEIGHT, GAP, CAPTION] = [300, 200, 20, 30];

const docs = (name: string): string => new URL(`../../docs/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'siglip2-heatmap-'));
const scene = join(folder, 'scene.png');
const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'white' } });
const parts = [
  { input: await sharp(docs('taxi.png')).resize(135).toBuffer(), left: 12, top: 62 },
  { input: await sharp(docs('trex.png')).resize(125).toBuffer(), left: 168, top: 6 },
];
await canvas(WIDTH, HEIGHT).composite(parts).png().toFile(scene);

const encoder = await load();
const drawn: OverlayOptions[] = [];
for (const [i, text] of TEXTS.entries()) {
  const { box, scores } = await findRegion(encoder, scene, (await encoder.embedTexts([text])).data);
  const file = join(folder, `${i}.png`);
  await drawHeatmap(scene, scores, file, { boxes: [box] });
  const caption = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${CAPTION}"><text x="50%" y="22" text-anchor="middle" font-size="16" font-family="sans-serif">“${text}”</text></svg>`;
  const left = GAP / 2 + i * (WIDTH + GAP);
  drawn.push({ input: file, left, top: 4 }, { input: Buffer.from(caption), left, top: HEIGHT + 4 });
}
await encoder.dispose();
await canvas(TEXTS.length * (WIDTH + GAP), HEIGHT + CAPTION + 8)
  .composite(drawn)
  .png({ palette: true, quality: 90 })
  .toFile(docs('heatmap.png'));
rmSync(folder, { recursive: true, force: true });
