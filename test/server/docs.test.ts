import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  FINISH_MS,
  IMAGE_BODY_BYTES,
  IMAGES_BODY_BYTES,
  JSON_BODY_BYTES,
  JSON_SHAPE,
  LIMITS,
  LINGER_MS,
  PACE,
  SHARED,
} from '../../src/server/requests/limits.ts';

const text = readFileSync(new URL('../../docs/server.md', import.meta.url), 'utf8');
const MIB = 2 ** 20;

it('docs/server.md says the limits that hold', () => {
  for (const sentence of [
    `an image file | ${LIMITS.imageBytes / MIB} MiB`,
    `${LIMITS.imagePixels / 1e6} million pixels, and ${SHARED.decodingBytes / 1e6} MB`,
    `| images | ${LIMITS.images} |`,
    `NaFlex model | ${LIMITS.patches.toLocaleString('en')} |`,
    `and documents of \`/v1/rerank\` | ${LIMITS.items},`,
    `and labels | ${LIMITS.texts} |`,
    `a text or label | ${LIMITS.textBytes.toLocaleString('en')} bytes`,
    `| ${JSON_BODY_BYTES / 1024} KiB; ${IMAGES_BODY_BYTES / MIB} MiB |`,
    `| ${JSON_SHAPE.syntax / 1024} KiB, nested ${JSON_SHAPE.depth} deep |`,
    `${IMAGE_BODY_BYTES / MIB} MiB, ${IMAGES_BODY_BYTES / MIB} MiB`,
    `${PACE.bytesPerSecond / 1024} KiB a second after the first ${PACE.silenceMs / 1000} s`,
    `waiting or at work | ${SHARED.requests};`,
    `${SHARED.formBytes / MIB} MiB for forms and large JSON, ${SHARED.jsonBytes / MIB} MiB for JSON of up to ${JSON_BODY_BYTES / 1024} KiB`,
    `being decoded | ${SHARED.decodingBytes / 1e6} MB and two threads`,
    `wait for the model | ${SHARED.fittedBytes / 1e6} MB`,
    `for up to ${FINISH_MS / 1000} s`,
  ])
    expect(text).toContain(sentence);
  expect([SHARED.decoders, LINGER_MS]).toEqual([2, 2000]);
});
