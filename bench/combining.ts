/**
 * How the parts of a query are best made one, and how what is unwanted is best left out, on drawings of emoji with the
 * embedded model. What came out stands in src/search/query/vectors/.
 *
 *   npx tsx bench/combining.ts
 */

import { spreadOf } from '../src/search/query/vectors/background.ts';
import { combine } from '../src/search/query/vectors/combine.ts';
import { rankValue } from '../src/search/query/vectors/penalty.ts';
import { dot, meanDirection } from '../src/search/query/vectors/vectors.ts';
import { createRandom } from '../src/tensor/index.ts';
import { emojiVectors, STYLES } from './emojiVectors.ts';

const { encoder, names, keywords, styles } = await emojiVectors();
const { width } = encoder;
const count = names.length;
const temperature = Math.exp(encoder.logitScalars.logTemperature);
const random = createRandom(1, 'combining');

const row = (rows: Float32Array, i: number) => rows.subarray(i * width, (i + 1) * width);
const scoresOf = (rows: Float32Array, query: Float32Array) =>
  Float64Array.from({ length: rows.length / width }, (_, i) => dot(query, rows, i * width));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const logSigmoid = (score: number) =>
  -Math.log1p(Math.exp(-(temperature * score + encoder.logitScalars.bias)));
const spread = (rows: Float32Array, query: Float32Array) => spreadOf({ width, rows }, query);

function averagePrecision(values: Float64Array, relevant: ReadonlySet<number>): number {
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!);
  let [hits, sum] = [0, 0];
  for (const [rank, i] of order.entries()) if (relevant.has(i)) sum += ++hits / (rank + 1);
  return sum / relevant.size;
}
const reciprocalRank = (values: Float64Array, target: number, without: number): number =>
  1 / (1 + values.filter((value, i) => i !== without && value > values[target]!).length);

/** Emoji by the words of their names and keywords. */
const byWord = new Map<string, Set<number>>();
for (const [i, name] of names.entries())
  for (const word of [...keywords[i]!, ...name.toLowerCase().split(/[^a-z]+/)])
    if (/^[a-z]{3,}$/.test(word)) byWord.set(word, (byWord.get(word) ?? new Set()).add(i));
const common = [...byWord].filter(([, emoji]) => emoji.size >= 5 && emoji.size <= 150);
const pairs = common.flatMap(([a, withA]) =>
  common.flatMap(([b, withB]) => {
    const both = new Set([...withA].filter((i) => withB.has(i)));
    const only = new Set([...withA].filter((i) => !withB.has(i)));
    return a !== b && both.size >= 3 && only.size >= 3 ? [{ a, b, both, only }] : [];
  }),
);
const asked = Array.from({ length: 150 }, () => random.pick(pairs));

/** Names that differ in one word. */
const frames = new Map<string, { emoji: number; word: string }[]>();
for (const [emoji, name] of names.entries()) {
  const words = name
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ')
    .filter(Boolean);
  for (const [k, word] of words.entries()) {
    const frame = words.with(k, '_').join(' ');
    if (words.length > 1) frames.set(frame, [...(frames.get(frame) ?? []), { emoji, word }]);
  }
}
const changes = [...frames.values()]
  .filter(({ length }) => length >= 2 && length <= 12)
  .flatMap((list) =>
    list.flatMap((from) => list.map((to) => ({ from: from.emoji, to: to.emoji, word: to.word }))),
  )
  .filter(({ from, to }) => from !== to);
const changed = Array.from({ length: 300 }, () => random.pick(changes));
const styled = Array.from({ length: 100 }, () => ({
  from: random.int(count),
  to: random.int(count),
  style: random.int(STYLES.length),
}));

const texts = [
  ...new Set([...asked.flatMap(({ a, b }) => [a, b]), ...changed.map(({ word }) => word), ...names]),
];
const embedded = (await encoder.embedTexts(texts)).data;
const vectors = new Map(texts.map((text, i) => [text, row(embedded, i)]));
const textOf = (text: string) => vectors.get(text)!;
await encoder.dispose();

const noto = styles.noto;
const all = Float32Array.from(STYLES.flatMap((style) => [...styles[style]]));

type Way = (rows: Float32Array, texts: Float32Array[], images: Float32Array[]) => Float64Array;
const sum = (lists: readonly Float64Array[]) =>
  lists[0]!.map((_, i) => lists.reduce((total, one) => total + one[i]!, 0));
const ways: Readonly<Record<string, Way>> = {
  'mean of all parts': (rows, t, i) => scoresOf(rows, meanDirection([...t, ...i])),
  'product of probabilities': (rows, t, i) =>
    sum([...t, ...i].map((one) => scoresOf(rows, one).map(logSigmoid))),
  'each by its deviation': (rows, t, i) =>
    sum(
      [...t, ...i].map((one) => {
        const { deviation } = spread(rows, one);
        return scoresOf(rows, one).map((score) => score / deviation);
      }),
    ),
  'kinds by their deviations (ours)': (rows, t, i) =>
    scoresOf(
      rows,
      combine({ texts: t, images: i }, (one) => spread(rows, one).deviation),
    ),
};
console.log('two texts: AP | image, but <word>: MRR | <name> as drawn here: MRR');
for (const [name, way] of Object.entries(ways)) {
  const two = asked.map(({ a, b, both }) => averagePrecision(way(noto, [textOf(a), textOf(b)], []), both));
  const but = changed.map(({ from, to, word }) =>
    reciprocalRank(way(noto, [textOf(word)], [row(styles.twemoji, from)]), to, from),
  );
  const drawn = styled.map(({ from, to, style }) => {
    const image = row(all, style * count + from);
    return reciprocalRank(way(all, [textOf(names[to]!)], [image]), style * count + to, style * count + from);
  });
  console.log(name.padEnd(34), [two, but, drawn].map((values) => mean(values).toFixed(3)).join(' | '));
}

type Not = (wanted: Float32Array, unwanted: Float32Array) => Float64Array;
const less =
  (share: number): Not =>
  (wanted, unwanted) =>
    scoresOf(
      noto,
      wanted.map((value, k) => value - share * unwanted[k]!),
    );
const nots: Readonly<Record<string, Not>> = {
  'nothing left out': less(0),
  'vector less a quarter': less(0.25),
  'vector less a half': less(0.5),
  'p (1 − p_not)': (wanted, unwanted) =>
    sum([
      scoresOf(noto, wanted).map(logSigmoid),
      scoresOf(noto, unwanted).map((score) => Math.log1p(-Math.exp(logSigmoid(score)))),
    ]),
  'less what it shows of it (ours)': (wanted, unwanted) => {
    const [own, other] = [spread(noto, wanted), spread(noto, unwanted)];
    const scores = scoresOf(noto, unwanted);
    return scoresOf(noto, wanted).map((score, i) =>
      rankValue(score, own, [{ score: scores[i]!, spread: other }]),
    );
  },
};
console.log('\n<word>, not <word>: AP | share of the unwanted among the first');
for (const [name, not] of Object.entries(nots)) {
  const results = asked.map(({ a, b, only }) => {
    const values = not(textOf(a), textOf(b));
    const first = [...values.keys()].sort((x, y) => values[y]! - values[x]!).slice(0, only.size);
    const shows = first.filter((i) => byWord.get(b)!.has(i)).length / only.size;
    return { precision: averagePrecision(values, only), shows };
  });
  const shown = [mean(results.map(({ precision }) => precision)), mean(results.map(({ shows }) => shows))];
  console.log(name.padEnd(34), shown.map((value) => value.toFixed(3)).join(' | '));
}
