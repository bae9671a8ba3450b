/**
 * Shows where in a picture a model sees what a text says.
 *
 *   npx tsx examples/heatmap.ts photo.jpg "a dog" heat.png [model]
 *
 * Writes the picture under colours from dark (the text fits least) to bright, with a box around the part that fits best.
 * Models are trained on whole pictures: single places are less reliable, and their order means more than their values.
 * The box comes from parts that are looked at one by one. `npx siglip2 heatmap` does the same, and for whole folders.
 */
import { load } from 'siglip2';
import { drawHeatmap, findRegion } from 'siglip2/search';

const [picture, text, output, model] = process.argv.slice(2);
if (picture === undefined || text === undefined || output === undefined)
  throw new Error('say a picture, a text, and where to write');

const encoder = await load(model);
const { data: wanted } = await encoder.embedTexts([text]);
const { box, score, scores } = await findRegion(encoder, picture, wanted);
await drawHeatmap(picture, scores, output, { boxes: [box] });
await encoder.dispose();

const { height, width } = scores.size;
const middle = [(box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height];
const place = middle.map((share) => `${Math.round(100 * share)} %`).join(', ');
console.log(`“${text}” fits best at ${place} (cosine ${score.toFixed(2)}); see ${output}`);
