import { z } from 'zod';
import { differs, json, rowsFlaw, scoresFlaw, scoresSchema } from './answers.ts';
import type { Known, Pool } from './pool.ts';
import { programRequest } from './programs.ts';
import type { Random } from './random.ts';

/** A request that a client may send, and what its answer must be. */
export interface WellFormed {
  readonly kind: string;
  readonly path: string;
  readonly init: () => RequestInit;
  /** What is wrong with the body of an answer with status 200, or undefined. */
  readonly flaw: (answer: Response) => Promise<string | undefined>;
}

const embeddingsSchema = z.object({ width: z.number(), embeddings: z.array(z.array(z.number())) });
const hitsSchema = z.object({ hits: z.array(z.object({ id: z.string(), probability: z.number() })) });
const classifySchema = z.object({ scores: scoresSchema });

const vectorsFlaw = (expected: readonly Known<unknown>[]) => async (answer: Response) =>
  rowsFlaw(embeddingsSchema.parse(await answer.json()).embeddings, expected);

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
  const flaw = async (answer: Response) =>
    scoresFlaw(classifySchema.parse(await answer.json()).scores, expected);
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

/** Figures as Prometheus reads them. */
const metrics: WellFormed = {
  kind: 'metrics',
  path: '/metrics',
  init: () => ({}),
  flaw: async (answer) => {
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    const wrong = lines.find(
      (line) => !/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [\d.eE+-]+|\w+(\{.*\})? \S*(NaN|Inf))$/i.test(line),
    );
    if (wrong !== undefined) return `no line of figures: ${wrong}`;
    return lines.some((line) => line.startsWith('siglip2_batch_items_count')) ? undefined : 'no batches';
  },
};

/** A request by chance: of people or of programs, mostly small ones, some large, now and then the largest that is allowed. */
export const wellFormed = (pool: Pool, random: Random): WellFormed => {
  const dice = random.next();
  if (dice < 0.02) return metrics;
  return dice < 0.5 ? programRequest(pool, random) : olderRequest(pool, random);
};

function olderRequest(pool: Pool, random: Random): WellFormed {
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
