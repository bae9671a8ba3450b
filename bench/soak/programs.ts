import { z } from 'zod';
import { differs, json, rowsFlaw, scoresFlaw, scoresSchema } from './answers.ts';
import type { Known, Pool } from './pool.ts';
import type { Random } from './random.ts';
import type { WellFormed } from './wellFormed.ts';

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.union([z.string(), z.array(z.number())]) })),
});
const rerankSchema = z.object({
  results: z.array(z.object({ index: z.int(), relevance_score: z.number() })),
});
const classifySchema = z.object({ data: z.array(z.object({ index: z.int(), scores: scoresSchema })) });
const searchSchema = z.object({ hits: z.array(z.object({ score: z.number(), probability: z.number() })) });
const heatmapSchema = z.object({
  results: z.array(z.object({ probability: z.number(), values: z.array(z.array(z.number())) })),
});

/** Of calibrated probabilities, and of shares of a range: small differences are magnified. */
const WIDE = 2e-3;

type KnownItem = { readonly item: unknown; readonly known: Known<unknown> };

const textItem = (known: Known<string>): KnownItem => ({ item: known.value, known });
const imageItem = (pool: Pool, known: Known<File>): KnownItem => ({
  item: { image: pool.dataUri(known.value) },
  known,
});

function floats(embedding: string | readonly number[]): ArrayLike<number> {
  if (typeof embedding !== 'string') return embedding;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function embeddings(items: readonly KnownItem[], format: 'float' | 'base64'): WellFormed {
  return {
    kind: `v1 embeddings, ${format}`,
    path: '/v1/embeddings',
    init: json({ input: items.map(({ item }) => item), encoding_format: format }),
    flaw: async (answer) => {
      const { data } = embeddingsSchema.parse(await answer.json());
      if (data.some(({ index }, i) => index !== i)) return 'indices are out of order';
      return rowsFlaw(
        data.map(({ embedding }) => floats(embedding)),
        items.map(({ known }) => known),
      );
    },
  };
}

const product = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function rerank(pool: Pool, query: KnownItem, documents: readonly KnownItem[], isPair: boolean): WellFormed {
  const expected = documents.map(({ known }) => {
    const cosine = product(query.known.vector, known.vector);
    return isPair ? pool.probability(cosine) : cosine;
  });
  return {
    kind: 'v1 rerank',
    path: '/v1/rerank',
    init: json({ query: query.item, documents: documents.map(({ item }) => item) }),
    flaw: async (answer) => {
      const { results } = rerankSchema.parse(await answer.json());
      const places = new Set(results.map(({ index }) => index));
      if (results.length !== documents.length || places.size !== documents.length)
        return `${results.length} results of ${places.size} documents instead of ${documents.length}`;
      const wrong = results.find(({ index, relevance_score }) => differs(expected[index], relevance_score));
      if (wrong) return `document ${wrong.index} has another score`;
      const scores = results.map(({ relevance_score }) => relevance_score);
      return scores.some((score, i) => i > 0 && score > scores[i - 1]!) ? 'not best first' : undefined;
    },
  };
}

function classify(pool: Pool, images: readonly Known<File>[]): WellFormed {
  const input = images.map(({ value }) => ({ image: pool.dataUri(value) }));
  return {
    kind: 'v1 classify',
    path: '/v1/classify',
    init: json({ input, labels: pool.labels }),
    flaw: async (answer) => {
      const { data } = classifySchema.parse(await answer.json());
      if (data.length !== images.length) return `${data.length} images instead of ${images.length}`;
      return data
        .map(({ scores }, i) => scoresFlaw(scores, pool.scores(images[i]!)))
        .find((flaw) => flaw !== undefined);
    },
  };
}

function search({ served }: Pool, random: Random): WellFormed {
  const { body, hits: expected } = random.pick(served.searches);
  return {
    kind: `v1 search, ${String(body['collection'])}`,
    path: '/v1/search',
    init: json(body),
    flaw: async (answer) => {
      const { hits } = searchSchema.parse(await answer.json());
      if (hits.length !== expected.length) return `${hits.length} hits instead of ${expected.length}`;
      const wrong = hits.findIndex(
        ({ score, probability }, i) =>
          differs(expected[i]?.score, score, WIDE) || differs(expected[i]?.probability, probability, WIDE),
      );
      return wrong < 0 ? undefined : `hit ${wrong} of ${JSON.stringify(body)} has another score`;
    },
  };
}

function heatmap(pool: Pool, random: Random): WellFormed {
  const { image, heat } = random.pick(pool.served.heats);
  return {
    kind: 'v1 heatmap',
    path: '/v1/heatmap',
    init: json({ image: { image: pool.dataUri(image) }, texts: [heat.text] }),
    flaw: async (answer) => {
      const [found] = heatmapSchema.parse(await answer.json()).results;
      if (differs(found?.probability, heat.probability)) return `${image.name} has another probability`;
      const values = found!.values.flat();
      const expected = heat.values.flat();
      return values.length === expected.length &&
        expected.every((value, i) => !differs(values[i], value, WIDE))
        ? undefined
        : `${image.name} has another map`;
    },
  };
}

function thumbnail({ served }: Pool, random: Random): WellFormed {
  const { path, bytes } = random.pick(served.thumbnails);
  const flaw = async (answer: Response) =>
    Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes) === 0 ? undefined : 'another picture';
  return { kind: 'v1 thumbnail', path, init: () => ({}), flaw };
}

/** Somebody who listens for a while, and goes. */
function listen(random: Random): WellFormed {
  const milliseconds = random.below(1500);
  return {
    kind: 'v1 events',
    path: '/v1/jobs/events',
    init: () => ({}),
    flaw: async (answer) => {
      const type = answer.headers.get('content-type') ?? '';
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await answer.body?.cancel();
      return type.startsWith('text/event-stream') ? undefined : `events of type ${type}`;
    },
  };
}

/** A request of a program by chance: of the routes under /v1. */
export function programRequest(pool: Pool, random: Random): WellFormed {
  const { texts, images } = pool;
  const some = <T>(list: readonly T[], most: number) =>
    Array.from({ length: 1 + random.below(most) }, () => random.pick(list));
  const mixed = () =>
    random.next() < 0.7 ? textItem(random.pick(texts)) : imageItem(pool, random.pick(images));
  const dice = random.next();
  if (dice < 0.35)
    return embeddings(
      Array.from({ length: 1 + random.below(6) }, mixed),
      random.pick(['float', 'base64'] as const),
    );
  if (dice < 0.45)
    return rerank(
      pool,
      textItem(random.pick(texts)),
      some(texts, 8).map((known) => textItem(known)),
      false,
    );
  if (dice < 0.5)
    return rerank(
      pool,
      textItem(random.pick(texts)),
      some(images, 3).map((known) => imageItem(pool, known)),
      true,
    );
  if (dice < 0.6) return classify(pool, some(images, 2));
  if (dice < 0.78) return search(pool, random);
  if (dice < 0.86) return heatmap(pool, random);
  if (dice < 0.95) return thumbnail(pool, random);
  return listen(random);
}
