import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { releasedModel } from './releasedModel.ts';
import { classFolder, workFolder } from './support/pictures.ts';
import { siglip2 } from './support/siglip2.ts';

const folder = workFolder();
const HALF = { variant: 'base-patch16-224', dtype: 'bfloat16' } as const;

const searchSchema = z.object({ fits: z.boolean(), hits: z.array(z.looseObject({ path: z.string() })) });
const duplicatesSchema = z.object({
  groups: z.array(
    z.object({
      best: z.looseObject({ path: z.string() }),
      copies: z.array(z.looseObject({ path: z.string(), exact: z.boolean() })),
    }),
  ),
});

it('a folder is indexed with B/16, searched by texts and images, and its copies are found', async () => {
  const model = await releasedModel(HALF);
  const paths = await classFolder(join(folder, 'photos'), 3);
  const copy = join(folder, 'photos', 'copy.jpg');
  copyFileSync(paths[0]!, copy);
  const at = ['--collections', join(folder, 'collections'), '--name', 'full'];
  await siglip2(['index', join(folder, 'photos'), '--model', model, ...at]);
  const query = [paths[4]!, 'a red fox', '--not', 'das Meer', '--all', '--limit', '3', '--json', ...at];
  const [found] = (await siglip2(['search', ...query])).json();
  expect(searchSchema.parse(found).hits).toHaveLength(3);
  const [{ groups }] = z
    .tuple([duplicatesSchema])
    .parse((await siglip2(['duplicates', '--json', ...at])).json());
  const exact = groups.flatMap(({ best, copies }) =>
    copies.filter((one) => one.exact).flatMap((one) => [best.path, one.path]),
  );
  expect(exact.sort()).toEqual([copy, paths[0]].sort());
  // By the vectors that the collection has: each picture gets one tag, of whatever probability.
  const labels = join(folder, 'labels.txt');
  writeFileSync(labels, 'a red fox\ndas Meer\n');
  const tagging = ['--labels', labels, '--threshold', '0', '--top', '1', '--json'];
  const tagged = z
    .array(
      z.looseObject({ image: z.string(), tags: z.array(z.looseObject({ label: z.string() })).length(1) }),
    )
    .parse((await siglip2(['tag', ...tagging, ...at])).json());
  expect(tagged.map(({ image }) => image).sort()).toEqual([copy, ...paths].sort());
});
