import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { releasedModel } from './releasedModel.ts';
import { shapedPictures, workFolder } from './support/pictures.ts';
import { siglip2, startSiglip2 } from './support/siglip2.ts';

const folder = workFolder();
const PICTURES = join(folder, 'pictures');
/** A group and a part of one. */
const COUNT = 36;

beforeAll(async () => {
  const sizes = Array.from({ length: COUNT }, (_, i): [number, number] => [200 + 3 * i, 380 - 2 * i]);
  await shapedPictures(PICTURES, sizes);
});

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

describe('many pictures at the size of a released model', () => {
  it.each(['base-patch16-224', 'base-patch16-naflex'] as const)(
    '%s: a kill in the middle, and the same command, give the bytes of an unbroken run',
    async (variant) => {
      const model = await releasedModel({ variant, dtype: 'bfloat16' });
      const output = (name: string) => join(folder, `${variant}-${name}.npy`);
      const args = (name: string) => [
        'embed',
        PICTURES,
        '--model',
        model,
        '--output',
        output(name),
        '--json',
      ];
      const whole = await siglip2(args('whole'));
      expect(whole.json()).toMatchObject([{ count: COUNT, bad: { bad: 0 } }]);
      const { child, finished } = startSiglip2(args('broken'));
      const watch = setInterval(() => {
        // The first group has more than 32 rows of 768 numbers.
        if (sizeOf(`${output('broken')}.part`) > 32 * 768 * 4) child.kill('SIGKILL');
      }, 5);
      expect((await finished).signal).toBe('SIGKILL');
      clearInterval(watch);
      expect(existsSync(output('broken'))).toBe(false);
      const rest = await siglip2(args('broken'));
      expect(rest.err).toMatch(/continuing: 32 results of an earlier start/);
      expect(readFileSync(output('broken')).equals(readFileSync(output('whole')))).toBe(true);
      // What the model takes, and no more for many pictures than for few.
      expect(whole.peakGB).toBeLessThan(4);
    },
  );
});
