import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { identityOf } from '../../src/cli/bulk/identity.ts';
import { load } from '../../src/encoder/load.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from './models.ts';
import { saveScriptedDecoder } from './scriptedDecoder.ts';
import { cli } from './testIo.ts';

const folder = temporaryFolder();
const NAFLEX = join(folder, 'naflex');
const FIXED = join(folder, 'fixed');
beforeAll(async () => {
  await saveTinyModel(NAFLEX, 'naflex');
  await saveTinyModel(FIXED, 'fixed');
});

const COMMANDS = {
  embed: ['embed', IMAGES[0]!],
  score: ['score', '--image', IMAGES[0]!, '--text', 'a cat'],
  classify: ['classify', IMAGES[0]!, '--labels', 'a cat,a dog'],
} as const;

describe.each(Object.entries(COMMANDS))('%s --max-patches', (name, command) => {
  it('looks as finely as it is told', async () => {
    const results = [];
    for (const patches of ['16', '25']) {
      const args = [...command, '-m', NAFLEX, '--json', '--threads', '1', '--max-patches', patches];
      const { code, err, json } = await cli(args);
      expect(code, err).toBe(0);
      results.push(json()[0]);
    }
    const asTheModelSays = await cli([...command, '-m', NAFLEX, '--json', '--threads', '1']);
    expect(asTheModelSays.json()[0]).toEqual(results[0]);
    expect(results[1]).not.toEqual(results[0]);
  });

  it('is refused where the model has one resolution, with the reason', async () => {
    const { code, out, err } = await cli([...command, '-m', FIXED, '--max-patches', '64']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/takes images of 16 × 16 pixels only.* \(64\): use a NaFlex model/);
  });

  it('is a number that there can be', async () => {
    for (const patches of ['0', '4097', '1e3', 'many']) {
      const { code, err } = await cli([...command, '-m', NAFLEX, '--max-patches', patches]);
      expect(code).toBe(2);
      expect(err).toContain(`--max-patches is "${patches}": expected a whole number from 1 to 4096`);
    }
    expect((await cli([name, '--help'])).out).toContain('--max-patches <n>');
  });
});

it('caption takes it, and refuses it where the model has one resolution', async () => {
  for (const model of [NAFLEX, FIXED])
    await saveScriptedDecoder(model, [{ question: { task: 'captioning' }, answer: ' a cat' }]);
  const args = ['caption', IMAGES[0]!, '--max-patches', '49', '--threads', '1'];
  const { code, out } = await cli([...args, '-m', NAFLEX]);
  expect([code, out]).toEqual([0, 'a cat\n']);
  const refused = await cli([...args, '-m', FIXED]);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('16 × 16 pixels only')]);
});

it('embeds as the library does', async () => {
  const { json } = await cli([
    ...COMMANDS.embed,
    '-m',
    NAFLEX,
    '--json',
    '--threads',
    '1',
    '--max-patches',
    '49',
  ]);
  const encoder = await load(NAFLEX, { threads: 1, maxNumPatches: 49 });
  const { data } = await encoder.embedImages([IMAGES[0]!]);
  await encoder.dispose();
  expect(json()[0]!['embedding']).toEqual(Array.from(data, (value) => Number(value.toPrecision(9))));
});

it('is part of what the results of a run depend on: a run of another number is not gone on with', async () => {
  const identities = [];
  for (const maxNumPatches of [undefined, 16, 25]) {
    const encoder = await load(NAFLEX, { maxNumPatches });
    identities.push(await identityOf('embed', NAFLEX, encoder));
    await encoder.dispose();
  }
  // 16 is what the model itself says.
  expect(identities[1]).toEqual(identities[0]);
  expect(identities[2]).not.toEqual(identities[0]);
});

it('says that more patches than the released models were trained on are worse', async () => {
  const args = [...COMMANDS.embed, '-m', NAFLEX, '--json', '--max-patches'];
  expect((await cli([...args, '1024'])).err).toBe('');
  expect((await cli([...args, '1025'])).err).toContain('trained on up to 1024');
});

it.each(['caption', 'evaluate', 'annotate', 'serve', 'export'])('%s has the option', async (name) => {
  expect((await cli([name, '--help'])).out).toContain('--max-patches <n>');
});
