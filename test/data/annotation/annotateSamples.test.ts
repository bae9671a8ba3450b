import { expect, it } from 'vitest';
import { annotateSamples } from '../../../src/data/annotation/annotateSamples.ts';
import { knownBoxes } from '../../../src/data/annotation/knownBoxes.ts';
import type { BadSample, Region, Sample } from '../../../src/data/samples/sample.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';

const image = rgbImage(1, 1, new Uint8Array(3));
const cat = { y1: 0, x1: 0, y2: 1, x2: 0.5 };
const dog = { y1: 0, x1: 0.5, y2: 1, x2: 1 };
const truth = [
  { box: cat, text: 'cat' },
  { box: dog, text: 'chien' },
];

const sample = (key: string, texts: readonly [string, string?][], more: Partial<Sample> = {}): Sample => ({
  key,
  image,
  source: 'test',
  captions: texts.map(([text, language]) => ({ text, ...(language && { language }) })),
  ...more,
});

async function collect(samples: readonly Sample[], onBad?: (bad: BadSample) => void): Promise<Sample[]> {
  const results: Sample[] = [];
  for await (const result of annotateSamples(samples, () => knownBoxes(truth), { onBad }))
    results.push(result);
  return results;
}

it('samples get regions of all their captions, in the captions’ languages', async () => {
  const [both, none] = await collect([
    sample('both', [['a cat'], ['un chien', 'fr']]),
    sample('none', [['a bird']]),
  ]);
  expect(both!.regions).toEqual([
    { box: dog, text: 'chien', language: 'fr', score: 1 },
    { box: cat, text: 'cat', score: 1 },
  ]);
  expect(none).toEqual(sample('none', [['a bird']]));
  expect(none).not.toHaveProperty('regions');
});

it('what people drew stays, what an annotator found before does not', async () => {
  const drawn: Region = { box: dog, text: 'my dog' };
  const regions: Region[] = [drawn, { box: cat, text: 'old', score: 0.9 }];
  const [first] = await collect([sample('drawn', [['a cat']], { regions })]);
  expect(first!.regions).toEqual([drawn, { box: cat, text: 'cat', score: 1 }]);
  const [again] = await collect([first!]);
  expect(again).toEqual(first);
  const [without] = await collect([sample('old', [['a bird']], { regions: regions.slice(1) })]);
  expect(without).not.toHaveProperty('regions');
});

it('an unreadable image is reported and left out; a detector that fails ends the work', async () => {
  const bad: BadSample[] = [];
  const broken = sample('broken', [['a cat']], { image: new Uint8Array([1, 2, 3]) });
  const rest = await collect([broken, sample('fine', [['a cat']])], (one) => bad.push(one));
  expect(rest.map(({ key }) => key)).toEqual(['fine']);
  expect(bad).toMatchObject([{ key: 'broken', source: 'test', reason: 'undecodable' }]);
  const failing = annotateSamples([sample('a', [['a cat']])], () => ({
    detect: () => Promise.reject(new Error('out of memory')),
  }));
  await expect(failing.next()).rejects.toThrow('out of memory');
});
