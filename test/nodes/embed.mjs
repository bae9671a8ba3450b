/** Embeds a text and a picture with the compiled package and prints what came out, in Node.js, Bun and Deno alike. */
import { fileURLToPath } from 'node:url';
import { load } from '../../dist/index.js';

const picture = fileURLToPath(new URL('../../docs/trex.png', import.meta.url));
const encoder = await load(undefined, { threads: 1 });
const embedded = [await encoder.embedTexts(['dinosaur']), await encoder.embedImages([picture])];
const [labels] = await encoder.classify([picture], ['dinosaur', 'birthday cake']);
await encoder.dispose();
console.log(JSON.stringify([embedded.map(({ shape, data }) => [shape, ...data]), labels]));
