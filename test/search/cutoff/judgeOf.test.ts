import { afterAll, expect, test } from 'vitest';
import { NO_PICTURE_WORDS } from '../../../bench/cutoff/words.ts';
import { EMBEDDED_MODEL, load } from '../../../src/index.ts';
import { openBundle } from '../../../src/search/bundle/openBundle.ts';
import { storedEmbeddings } from '../../../src/search/collection/vectors/storedEmbeddings.ts';
import { COMMON_QUERIES } from '../../../src/search/cutoff/commonQueries.ts';
import type { Judge } from '../../../src/search/cutoff/createJudge.ts';
import { judgeOf } from '../../../src/search/cutoff/judgeOf.ts';
import { memoryStore } from '../../../src/search/stores/memory/memoryStore.ts';
import { createRandom, takeRows } from '../../../src/tensor/index.ts';
import { facts, picture } from '../stores/changes.ts';

/** The emoji that come with the model, without skin tones; every other one is in the collection. */
const encoder = await load();
const bundle = (await openBundle(`${EMBEDDED_MODEL}/gallery`, encoder))!;
const plain = createRandom(0, 'cut-off test').shuffle(
  bundle.items.flatMap(({ variantOf }, index) => (variantOf ? [] : [index])),
);
const there = plain.slice(0, 600);
const pictures = takeRows(bundle.embeddings, there.slice(0, 5));
afterAll(() => encoder.dispose());

async function collectionOf(name: string, rows: readonly number[]) {
  const collection = await memoryStore.open('memory:cut-off', { name, create: true });
  const model = await collection.addModel({
    name: EMBEDDED_MODEL,
    width: encoder.width,
    probe: (await encoder.embedTexts(['probe'])).data,
  });
  await collection.write(
    model.id,
    rows.map((index) => ({
      kind: 'file',
      file: facts(`${index}.png`, { hash: String(index) }),
      pictures: [picture(0, { vector: takeRows(bundle.embeddings, [index]).data })],
    })),
  );
  return { collection, model };
}

const { collection, model } = await collectionOf('emoji', there);

async function somethingFits(judge: Judge, texts: readonly string[]): Promise<boolean[]> {
  const queries = await encoder.embedTexts(texts);
  const answers = texts.map(async (_, i) => {
    const query = takeRows(queries, [i]).data;
    const nearest = await collection.nearest(model.id, query, { limit: 3 });
    const ids = nearest.map(({ id }) => id);
    const candidates = storedEmbeddings(await collection.vectors(model.id, ids), model.width);
    return judge(query, candidates, 'text').some(({ fits }) => fits);
  });
  return Promise.all(answers);
}

const share = (all: readonly boolean[]): number => all.filter(Boolean).length / all.length;

test('names of what is there are found; nothing fits words without a picture, nor a long text', async () => {
  const judge = await judgeOf(collection, model, encoder);
  const names = (indices: readonly number[]) => indices.map((index) => bundle.items[index]!.name);
  const present = share(await somethingFits(judge, names(there.slice(0, 30))));
  const absent = share(await somethingFits(judge, names(plain.slice(600, 630))));
  const words = share(await somethingFits(judge, NO_PICTURE_WORDS.slice(0, 30)));
  expect(present).toBeGreaterThan(0.7);
  // Some of these have relatives there: a woman where a man is asked for.
  expect(absent).toBeLessThan(0.4);
  expect(words).toBeLessThan(0.15);
  expect(await somethingFits(judge, ['inflation '.repeat(500)])).toEqual([false]);
});

test('the common queries are embedded once for a collection, and the judge is made again when it changes', async () => {
  let texts = 0;
  const counting = {
    ...encoder,
    embedTexts: (all: readonly string[]) => {
      texts += all.length;
      return encoder.embedTexts(all);
    },
  };
  const other = await collectionOf('other', there.slice(0, 20));
  const [first, same] = await Promise.all([
    judgeOf(other.collection, other.model, counting),
    judgeOf(other.collection, other.model, counting),
  ]);
  expect(same).toBe(first);
  expect(texts).toBe(COMMON_QUERIES.length);
  const again = await memoryStore.open('memory:cut-off', { name: 'other' });
  const judge = await judgeOf(again, other.model, counting);
  expect(texts).toBe(COMMON_QUERIES.length);
  const query = (await encoder.embedTexts(['dog'])).data;
  expect(judge(query, pictures, 'text')).toEqual(first(query, pictures, 'text'));
  await again.write(other.model.id, [{ kind: 'gone', path: facts(`${there[0]}.png`).path }]);
  expect(await judgeOf(again, other.model, counting)).not.toBe(judge);
});
