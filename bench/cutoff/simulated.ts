import type { Embeddings } from '../../src/encoder/embeddings.ts';
import { createRandom, float32, type Random } from '../../src/tensor/index.ts';
import type { Asked, World } from './world.ts';

/**
 * A made-up model of which the scores' make-up is known. All in logits, i.e. scores times the temperature.
 *
 * A score is what picture and text have of the same class, how readily the picture fits anything (hub), how much the text
 * scores on anything (vague), a gap that all scores have in common, and noise.
 */
export interface Simulation {
  readonly name: string;
  readonly temperature: number;
  /** Mean of a picture and a text of its main class, above the background. */
  readonly lift: number;
  /** Standard deviations. */
  readonly noise: number;
  readonly hub: number;
  readonly vague: number;
  readonly gap: number;
}

/** Models on which coefficients are fitted. */
export const fitSimulations = (count: number): Simulation[] => {
  const random = createRandom(0, 'cut-off', 'models');
  return Array.from({ length: count }, (_, i) => ({
    name: `made-up ${i}`,
    temperature: Math.exp(random.uniform(2.5, 5)),
    lift: random.uniform(8, 14),
    noise: random.uniform(1.2, 3),
    hub: random.uniform(0.2, 1.5),
    vague: random.uniform(0.3, 1.5),
    gap: random.uniform(-2, 4),
  }));
};

/** Models on which they are tested. The first has the temperature and about the spread of released checkpoints. */
export const TEST_SIMULATIONS: readonly Simulation[] = [
  { name: 'as released', temperature: 112, lift: 12, noise: 2.5, hub: 0.8, vague: 1, gap: 1 },
  { name: 'noisy', temperature: 60, lift: 12, noise: 3.5, hub: 1, vague: 1, gap: 0 },
  { name: 'hubs', temperature: 112, lift: 11, noise: 2, hub: 2.5, vague: 0.7, gap: 3 },
  { name: 'timid', temperature: 30, lift: 8, noise: 1.2, hub: 0.5, vague: 0.5, gap: -2 },
];

const CLASSES = 1500;
/** Classes of which a collection has pictures. */
const PRESENT = 500;
const GROUP = 8;
/** Share of a class's direction that its group has in common. */
const IN_COMMON = 0.3;
const CLASS_WIDTH = 128;
const NOISE_WIDTH = 64;
const COMMON = 387;
const ASKED = 150;

interface Parts {
  /** Classes and how much of each. */
  readonly classes: readonly (readonly [number, number])[];
  readonly last: readonly [number, number];
}

function classDirections(random: Random): Float64Array[] {
  const direction = () =>
    Float64Array.from({ length: CLASS_WIDTH }, () => random.normal() / Math.sqrt(CLASS_WIDTH));
  const groups = Array.from({ length: Math.ceil(CLASSES / GROUP) }, direction);
  return Array.from({ length: CLASSES }, (_, k) => {
    const own = direction();
    const group = groups[Math.floor(k / GROUP)]!;
    return own.map((value, i) => Math.sqrt(1 - IN_COMMON) * value + Math.sqrt(IN_COMMON) * group[i]!);
  });
}

function embedder({ temperature, lift, noise }: Simulation, directions: Float64Array[], random: Random) {
  const unit = 1 / Math.sqrt(temperature);
  const each = Math.sqrt(noise / Math.sqrt(NOISE_WIDTH));
  return (things: readonly Parts[]): Embeddings => {
    const rows = things.map(({ classes, last }) => {
      const values = new Float64Array(CLASS_WIDTH);
      for (const [k, much] of classes)
        for (let i = 0; i < CLASS_WIDTH; i++) values[i]! += Math.sqrt(lift) * much * directions[k]![i]!;
      const noises = Array.from({ length: NOISE_WIDTH }, () => each * random.normal());
      return [...values, ...noises, ...last].map((value) => value * unit);
    });
    return float32([things.length, CLASS_WIDTH + NOISE_WIDTH + 2], rows.flat());
  };
}

/** A collection of pictures that show one to three classes each, by a made-up model. */
export function simulatedWorld(simulation: Simulation, count: number, seed: number, weight = 1): World {
  const { name, temperature, hub, vague, gap } = simulation;
  const random = createRandom(seed, 'cut-off', name, count);
  const embed = embedder(simulation, classDirections(random), random);
  const order = [...random.permutation(CLASSES)];
  const shown = order.slice(0, PRESENT);
  const shows = Array.from({ length: count }, () => {
    const main = [random.pick(shown), random.uniform(0.6, 1.2)] as const;
    const minor = Array.from(
      { length: random.int(3) },
      () => [random.pick(shown), random.uniform(0.3, 0.7)] as const,
    );
    return [main, ...minor];
  });
  const text = (k: number): Parts => ({
    classes: [[k, random.uniform(0.7, 1.1)]],
    last: [1, vague * random.normal()],
  });
  const pictures = embed(shows.map((classes) => ({ classes, last: [gap + hub * random.normal(), 1] })));
  const common = embed(Array.from({ length: COMMON }, () => text(random.int(CLASSES))));
  const there = random.shuffle([...new Set(shows.flat().map(([k]) => k))]).slice(0, ASKED);
  const queries = [...there, ...order.slice(PRESENT, PRESENT + ASKED)];
  const embedded = embed(queries.map(text));
  const width = embedded.shape[1]!;
  const asked = queries.map((k, i): Asked => {
    const right = shows.flatMap((classes, at) => (classes.some(([one]) => one === k) ? [at] : []));
    return { query: embedded.data.subarray(i * width, (i + 1) * width), right: new Set(right) };
  });
  const scalars = { logTemperature: Math.log(temperature), bias: -16 };
  return { group: `${name}, ${count}`, kind: 'text', scalars, pictures, common, asked, weight };
}
