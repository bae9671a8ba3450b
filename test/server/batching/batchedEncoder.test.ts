import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NotFiniteError } from '../../../src/encoder/towers/finiteOutputs.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { askingAs } from '../../../src/server/batching/asking.ts';
import { batchedEncoder } from '../../../src/server/batching/batchedEncoder.ts';
import { createEngineQueue } from '../../../src/server/batching/engineQueue.ts';
import { inBackground } from '../../../src/server/batching/inBackground.ts';
import { type BatchFacts, createLane } from '../../../src/server/batching/lane.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { fakeEncoder } from '../fakeEncoder.ts';

/** A vector that only this text has. */
const vectorOf = (text: string): number[] => [
  text.length,
  text.charCodeAt(0) || 0,
  Number(/\d+/.exec(text)?.[0] ?? 0),
];

/** An engine that takes its time, says what it ran, and cannot compute texts that begin with `bad`. */
function slowEngine() {
  const runs: (readonly string[])[] = [];
  let atWork = 0;
  const encoder = fakeEncoder({
    async embedTexts(texts) {
      expect(++atWork).toBe(1);
      runs.push(texts);
      await new Promise(setImmediate);
      atWork--;
      const bad = texts.findIndex((text) => text.startsWith('bad'));
      if (bad >= 0) throw new NotFiniteError('text_embeds', bad);
      return float32([texts.length, 3], texts.flatMap(vectorOf));
    },
  });
  return { encoder, runs };
}

/** Tokens of a text of the fake model. */
const TOKENS = fakeEncoder().config.text.length;
const rows = async (asked: ReturnType<ReturnType<typeof fakeEncoder>['embedTexts']>) =>
  Array.from((await asked).data);

async function moments(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

it('gives each call its own answers, whatever others ask for, give up or send that fails', async () => {
  const text = fc.string({ minLength: 1, maxLength: 6 }).map((one) => `t${one}`);
  const call = fc.record({
    texts: fc.array(text, { maxLength: 9 }),
    wait: fc.integer({ min: 0, max: 3 }),
    bad: fc.boolean(),
    // After so many moments, while it waits, is at work, or is over.
    givesUp: fc.option(fc.integer({ min: 0, max: 4 })),
    isBackground: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (calls, most) => {
        const { encoder, runs } = slowEngine();
        const batched = batchedEncoder(encoder, { budget: most * TOKENS });
        await Promise.all(
          calls.map(async ({ texts, wait, bad, givesUp, isBackground }) => {
            await moments(wait);
            const stop = new AbortController();
            const asked = bad ? [...texts, 'bad'] : texts;
            const answer = askingAs({ signal: stop.signal, isBackground }, () => batched.embedTexts(asked));
            const given = rows(answer).catch((error: Error) => error.message);
            if (givesUp !== null) {
              await moments(givesUp);
              stop.abort(new Error('gone'));
            }
            const isGone = (await given) === 'gone';
            if (isGone) expect(givesUp).not.toBeNull();
            else if (bad) expect(await given).toContain(`text ${texts.length} (from 0)`);
            else expect(await given).toEqual(texts.flatMap(vectorOf));
            if (givesUp === 0 && asked.length > 0) expect(isGone).toBe(true);
          }),
        );
        expect(batched.waiting()).toBe(0);
        expect(Math.max(0, ...runs.map((run) => run.length))).toBeLessThanOrEqual(most);
      },
    ),
    { numRuns: 60 },
  );
});

it('runs what waits together, the same text once, and nothing for who is gone', async () => {
  const { encoder, runs } = slowEngine();
  const batched = batchedEncoder(encoder);
  const gone = new AbortController();
  const first = batched.embedTexts(['a']);
  // The first is at work when the others come.
  await new Promise(setImmediate);
  const left = askingAs({ signal: gone.signal }, () => batched.embedTexts(['x']));
  const others = ['b', 'c', 'b'].map((text) => batched.embedTexts([text]));
  gone.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await Promise.all([first, ...others]);
  expect(runs).toEqual([['a'], ['b', 'c']]);
});

it('lets one text pass the many of another request, and requests pass the background', async () => {
  const { encoder, runs } = slowEngine();
  const batched = batchedEncoder(encoder, { budget: 2 * TOKENS });
  const many = askingAs({}, () => batched.embedTexts(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']));
  const later = inBackground(batched).embedTexts(['later']);
  await new Promise(setImmediate);
  const one = batched.embedTexts(['one']);
  await Promise.all([many, one, later]);
  expect(runs[0]).toEqual(['m1', 'm2']);
  expect(runs[1]).toContain('one');
  expect(runs.at(-1)).toEqual(['later']);
});

it('does not keep the background waiting for ever', async () => {
  const { encoder, runs } = slowEngine();
  const batched = batchedEncoder(encoder, { budget: TOKENS });
  const later = inBackground(batched).embedTexts(['later']);
  const others = Array.from({ length: 60 }, (_, i) => batched.embedTexts([`r${i}`]));
  await later;
  expect(runs.length).toBeLessThan(25);
  await Promise.all(others);
});

it('embeds images, leaves out bad ones where it is told to, and compares as the encoder does', async () => {
  const facts: BatchFacts[] = [];
  const encoder = fakeEncoder();
  const batched = batchedEncoder(encoder, { onBatch: (one) => facts.push(one) });
  const red = rgbImage(1, 1, Uint8Array.from([255, 0, 0]));
  const blue = rgbImage(1, 1, Uint8Array.from([0, 0, 255]));
  const bad: number[] = [];
  const { shape, data } = await batched.embedImages([red, 'no pixels', blue], {
    onBad: (place) => bad.push(place),
  });
  expect([shape, bad, Array.from(data)]).toEqual([[2, 3], [1], [1, 0, 0, 0, 0, 1]]);
  await expect(batched.embedImages([red, 'no pixels'])).rejects.toThrow('expected decoded pixels');
  await expect(batched.embedImages([red], { maxNumPatches: 4 })).rejects.toThrow(/NaFlex/);
  const labels = ['red', 'blue'];
  expect(await batched.classify([red], labels, { templates: ['{}'] })).toEqual(
    await encoder.classify([red], labels, { templates: ['{}'] }),
  );
  expect(facts.filter(({ failed }) => failed).length).toBeGreaterThan(0);
  await expect(batched.embedPatches([red])).rejects.toThrow('sees no patches');
  expect(await batched.imageFeatures([red])).toEqual(await encoder.imageFeatures([red]));
});

it('is disposed when what runs has ended', async () => {
  const { encoder, runs } = slowEngine();
  let disposed = 0;
  const batched = batchedEncoder({
    ...encoder,
    async dispose() {
      disposed = runs.length;
    },
  });
  const asked = batched.embedTexts(['a']);
  await batched.dispose();
  expect(disposed).toBe(1);
  await asked;
});

it('gathers what is of about the same length, and lets none wait for more than what came before it', async () => {
  const runs: (readonly number[])[] = [];
  const queue = createEngineQueue();
  const lane = createLane<number, number>(queue, {
    ...{ kind: 'image', budget: 1000, tokensOf: (length) => length },
    async run(lengths) {
      runs.push(lengths);
      return lengths;
    },
  });
  const asked = [90, 400, 100, 110, 400, 1500, 100];
  expect(await Promise.all(asked.flatMap((length) => lane.ask([length], {}, true)))).toEqual(asked);
  expect(runs).toEqual([[90, 100, 110, 100], [400, 400], [1500]]);
});
