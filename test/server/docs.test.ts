import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  FINISH_MS,
  IMAGE_BODY_BYTES,
  IMAGES_BODY_BYTES,
  JSON_BODY_BYTES,
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
    `${LIMITS.texts} of ${LIMITS.textBytes.toLocaleString('en')} bytes`,
    `a JSON body | ${JSON_BODY_BYTES / 1024} KiB`,
    `${IMAGE_BODY_BYTES / MIB} MiB, ${IMAGES_BODY_BYTES / MIB} MiB`,
    `${PACE.bytesPerSecond / 1024} KiB a second after the first ${PACE.silenceMs / 1000} s`,
    `waiting or at work | ${SHARED.requests};`,
    `${SHARED.formBytes / MIB} MiB for forms, ${SHARED.jsonBytes / MIB} MiB for JSON`,
    `being decoded | ${SHARED.decodingBytes / 1e6} MB and two threads`,
    `wait for the model | ${SHARED.fittedBytes / 1e6} MB`,
    `for up to ${FINISH_MS / 1000} s`,
  ])
    expect(text).toContain(sentence);
  expect([SHARED.decoders, LINGER_MS]).toEqual([2, 2000]);
});
