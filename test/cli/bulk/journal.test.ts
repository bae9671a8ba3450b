import { appendFile, cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostDigits } from '../../../src/checkpoint/files/processes.ts';
import { identityOf } from '../../../src/cli/bulk/identity.ts';
import { type Journal, openJournal } from '../../../src/cli/bulk/journal.ts';
import { type Outcome, vectorCodec } from '../../../src/cli/bulk/results.ts';
import { saveTinyModel, temporaryFolder } from '../models.ts';

const folder = temporaryFolder();
const IDENTITY = { command: 'embed', model: 'a' };
const input = (name: string, stamp = '1') => ({ name, stamp });
const row = (value: number): Outcome<Float32Array> => ({ value: Float32Array.of(value, -value) });
const BAD: Outcome<Float32Array> = {
  bad: { reason: 'undecodable', key: 'b', source: 'set', detail: 'is torn' },
};

const open = (name: string, identity: Readonly<Record<string, string>> = IDENTITY) =>
  openJournal(join(folder, name), identity, vectorCodec);

async function namesOf(journal: Journal<Float32Array>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, value } of journal.results()) names.push(`${name}${value[0]}`);
  return names;
}

/** A journal with the results of a, b (bad), c and d in two groups. */
async function written(name: string): Promise<void> {
  const journal = await open(name);
  const inputs = ['a', 'b', 'c', 'd'].map((one) => input(one));
  for (const one of inputs) expect(journal.expect('image', one)).toBeUndefined();
  await journal.add('image', inputs.slice(0, 2), [row(1), BAD]);
  await journal.add('image', inputs.slice(2), [row(3), row(4)]);
  expect(await namesOf(journal)).toEqual(['a1', 'c3', 'd4']);
  await journal.close();
}

describe('the journal of an output', () => {
  it('gives back what an earlier start found, in the order of the inputs now', async () => {
    await written('order');
    const journal = await open('order');
    expect(journal.kept).toBe(4);
    expect(journal.expect('image', input('d'))).toEqual({ bad: undefined, place: expect.anything() });
    expect(journal.expect('image', input('new'))).toBeUndefined();
    expect(journal.expect('image', input('b'))?.bad).toEqual(BAD.bad);
    // Changed, and the text of a picture's name.
    expect(journal.expect('image', input('a', '2'))).toBeUndefined();
    expect(journal.expect('text', input('c'))).toBeUndefined();
    await journal.add('image', [input('new'), input('a', '2')], [row(7), row(8)]);
    await journal.add('text', [input('c')], [row(9)]);
    expect(await namesOf(journal)).toEqual(['d4', 'new7', 'a8', 'c9']);
    expect(journal.unused()).toBe(2);
    await journal.close();
  });

  it('is cut off where a line is torn or damaged: what is before stays', async () => {
    await written('torn');
    const path = join(folder, 'torn');
    const whole = await readFile(path);
    await appendFile(path, whole.subarray(100, 150));
    const torn = await open('torn');
    expect(torn.kept).toBe(4);
    await torn.close();
    expect((await readFile(path)).equals(whole)).toBe(true);

    const flipped = Buffer.from(whole);
    flipped[whole.length - 20]! ^= 1;
    await writeFile(path, flipped);
    const damaged = await open('torn');
    expect(damaged.kept).toBe(2);
    await damaged.close();
    expect((await stat(path)).size).toBeLessThan(whole.length);
  });

  it('refuses one of another run, and says what differs', async () => {
    await written('other');
    const before = await readFile(join(folder, 'other'));
    await expect(open('other', { ...IDENTITY, model: 'b' })).rejects.toThrow(
      /with another model: finish that/,
    );
    await expect(open('other', { command: 'score', model: 'a', texts: 'x' })).rejects.toThrow(
      /with another command, another texts: finish/,
    );
    expect((await readFile(join(folder, 'other'))).equals(before)).toBe(true);
  });

  it('has one process at a time; what a killed one left is removed', async () => {
    const journal = await open('twice');
    await expect(open('twice')).rejects.toThrow(
      /twice: process \d+ on .* writes this output now; wait for its end or stop it, or use another --output/,
    );
    await journal.close();
    const left = join(folder, `.out.npy.999999999@${hostDigits()}-0123abcd.tmp`);
    await writeFile(left, 'x');
    await (await open('twice')).close();
    await expect(stat(left)).rejects.toThrow(/ENOENT/);
    await expect(stat(join(folder, 'twice.lock'))).rejects.toThrow(/ENOENT/);
  });

  it('never touches a file that is none', async () => {
    await writeFile(join(folder, 'letter'), 'Dear Ann,\nthis is mine.');
    await expect(open('letter')).rejects.toThrow(/letter: is another program's file/);
    expect(await readFile(join(folder, 'letter'), 'utf8')).toContain('Dear Ann');
  });
});

describe('what results depend on', () => {
  it('is the model wherever it lies, and the number of patches', async () => {
    const model = await saveTinyModel(join(folder, 'model'), 'naflex');
    const copy = join(folder, 'copy');
    await cp(model, copy, { recursive: true });
    const [one, same] = [await identityOf('embed', model, {}), await identityOf('embed', copy, {})];
    expect(same).toEqual(one);
    expect(await identityOf('embed', model, { maxNumPatches: 9 })).not.toEqual(one);
    expect(await identityOf('embed', model, {}, { texts: ['a'] })).not.toEqual(one);
    const weights = join(copy, 'model.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(weights, bytes);
    expect(await identityOf('embed', copy, {})).not.toEqual(one);
  });
});
