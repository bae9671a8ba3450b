import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import { load } from '../../src/encoder/load.ts';
import { openBundle } from '../../src/search/bundle/openBundle.ts';
import { rank } from '../../src/search/bundle/rank.ts';
import { EXAMPLES } from '../../web/search/box/examples.ts';

it('the embedded model answers every example of the page rightly', async () => {
  const encoder = await load();
  const gallery = (await openBundle(join(EMBEDDED_MODEL, 'gallery'), encoder))!;
  const found: string[] = [];
  for (const { text } of EXAMPLES) {
    const query = await encoder.embedTexts([text]);
    found.push(rank(gallery, query, encoder.logitScalars, { limit: 1 })[0]!.name);
  }
  await encoder.dispose();
  expect(found).toEqual(EXAMPLES.map(({ means }) => means.split(',')[0]));
});
