import { z } from 'zod';
import type { Known, Pool } from './pool.ts';
import type { Random } from './random.ts';

/** A request that a client may send, and what its answer must be. */
export interface WellFormed {
  readonly kind: string;
  readonly path: string;
  readonly init: () => RequestInit;
  /** What is wrong with the body of an answer with status 200, or undefined. */
  readonly flaw: (answer: Response) => Promise<string | undefined>;
}

/** Float32 in another order of sums, by the size of the batch. */
const TOLERANCE = 1e-5;

const embeddingsSchema = z.object({ width: z.number(), embeddings: z.array(z.array(z.number())) });
const hitsSchema = z.object({ hits: z.array(z.object({ id: z.string(), probability: z.number() })) });
const scoresSchema = z.object({ scores: z.array(z.object({ label: z.string(), probability: z.number() })) });

const differs = (a: number | undefined, b: number | undefined): boolean =>
  !(Math.abs((a ?? Number.NaN) - (b ?? Number.NaN)) <= TOLERANCE);

const vectorsFlaw = (expected: readonly Known<unknown>[]) => async (answer: Response) => {
  const { embeddings } = embeddingsSchema.parse(await answer.json());
  if (embeddings.length !== expected.length) return `${embeddings.length} rows instead of ${expected.length}`;
  for (const [row, { vector }] of expected.entries()) {
    const found = embeddings[row]!;
    if (found.length !== vector.length || vector.some((value, i) => differs(found[i], value)))
      return `row ${row} is another vector`;
  }
  return undefined;
};

const json = (body: unknown) => (): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const form = (fields: readonly (readonly [string, string | File])[]) => (): RequestInit => {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  return { method: 'POST', body };
};

function embedImages(images: readonly Known<File>[], kind: string): WellFormed {
  const init = form(images.map(({ value }) => ['images', value] as const));
  return { kind, path: '/api/embed/images', init, flaw: vectorsFlaw(images) };
}

function embedTexts(texts: readonly Known<string>[], kind: string): WellFormed {
  const init = json({ texts: texts.map(({ value }) => value) });
  return { kind, path: '/api/embed', init, flaw: vectorsFlaw(texts) };
}

function classify(pool: Pool, image: Known<File>): WellFormed {
  const expected = pool.scores(image);
  const init = form([['image', image.value], ...pool.labels.map((label) => ['labels', label] as const)]);
  const flaw = async (answer: Response) => {
    const { scores } = scoresSchema.parse(await answer.json());
    if (scores.length !== expected.size) return `${scores.length} labels instead of ${expected.size}`;
    const wrong = scores.find(({ label, probability }) => differs(expected.get(label), probability));
    return wrong && `${wrong.label} has ${wrong.probability} instead of ${expected.get(wrong.label)}`;
  };
  return { kind: 'classify', path: '/api/classify', init, flaw };
}

function search(pool: Pool, text: Known<string>, limit: number): WellFormed {
  const flaw = async (answer: Response) => {
    const { hits } = hitsSchema.parse(await answer.json());
    const expected = pool.hits(text, limit);
    if (hits.length !== expected.length) return `${hits.length} hits instead of ${expected.length}`;
    // Pictures that are equally probable may change places.
    const wrong = hits.findIndex(({ probability }, i) => differs(expected[i]?.probability, probability));
    return wrong < 0 ? undefined : `hit ${wrong} has another probability`;
  };
  return { kind: 'search', path: '/api/search', init: json({ text: text.value, limit }), flaw };
}

const get = (path: string): WellFormed => ({
  kind: 'page',
  path,
  init: () => ({}),
  flaw: async (answer) => ((await answer.arrayBuffer()).byteLength > 0 ? undefined : 'an empty answer'),
});

/** A request by chance: mostly small ones, some large, now and then the largest that is allowed. */
export function wellFormed(pool: Pool, random: Random): WellFormed {
  const { texts, images, largeImages } = pool;
  const some = <T>(list: readonly T[], count: number) =>
    Array.from({ length: count }, () => random.pick(list));
  const dice = random.next();
  if (dice < 0.3) return search(pool, random.pick(texts), 1 + random.below(50));
  if (dice < 0.45) return embedTexts(some(texts, 1 + random.below(8)), 'embed texts');
  if (dice < 0.65) return embedImages(some(images, 1 + random.below(4)), 'embed images');
  if (dice < 0.8) return classify(pool, random.pick(images));
  if (dice < 0.965)
    return get(
      random.pick(['/', '/index.html', '/api/model', '/openapi.json', `/gallery/${random.below(500)}.webp`]),
    );
  if (dice < 0.975) return embedTexts(some(texts, 64), 'embed 64 texts');
  if (largeImages.length === 0) return embedImages(some(images, 16), 'embed 16 images');
  if (dice < 0.995) return embedImages([random.pick(largeImages)], 'embed a large image');
  return embedImages(
    some(
      largeImages.filter(({ value }) => value.name === 'n.png'),
      16,
    ),
    'embed 16 large images',
  );
}
