import { join } from 'node:path';
import { expect, it } from 'vitest';
import { releasedModel } from './releasedModel.ts';
import { shapedPictures, workFolder } from './support/pictures.ts';
import { siglip2 } from './support/siglip2.ts';

const folder = workFolder();
const COUNT = 40;

it('B/16: pictures are indexed, listed, and not embedded again', async () => {
  const pictures = join(folder, 'pictures');
  const sizes = Array.from({ length: COUNT }, (_, i): [number, number] => [200 + 3 * i, 380 - 2 * i]);
  await shapedPictures(pictures, sizes);
  const model = await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' });
  const place = ['--collections', join(folder, 'collections')];
  const index = (...more: string[]) => siglip2(['index', pictures, ...place, '--json', ...more]);
  const first = await index('--model', model);
  expect(first.json()).toMatchObject([{ pictures: COUNT, embedded: COUNT, files: { new: COUNT } }]);
  // What the model takes: both towers, one after the other.
  expect(first.peakGB).toBeLessThan(4);
  const again = await index();
  expect(again.json()).toMatchObject([{ pictures: COUNT, embedded: 0, files: { unchanged: COUNT } }]);
  // Nothing is embedded: neither tower is loaded.
  expect(again.peakGB).toBeLessThan(1);
  const listed = await siglip2(['collections', ...place, '--json']);
  expect(listed.json()).toMatchObject([
    { name: 'pictures', pictures: COUNT, models: [{ name: model, width: 768, pictures: COUNT }] },
  ]);
});
