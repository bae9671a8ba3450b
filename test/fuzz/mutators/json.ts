import type { Random } from '../../../src/tensor/random.ts';
import { mutateBytes } from './bytes.ts';
import { NUMBERS, TEXTS } from './interesting.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A value in its place, so that it can be changed there. */
interface Place {
  readonly get: () => Json;
  readonly set: (value: Json) => void;
  readonly remove: () => void;
}

function* placesOf(value: Json): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      yield {
        get: () => value[i]!,
        set: (next) => {
          value[i] = next;
        },
        remove: () => value.splice(i, 1),
      };
      yield* placesOf(item);
    }
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    yield {
      get: () => value[name]!,
      set: (next) => {
        value[name] = next;
      },
      remove: () => delete value[name],
    };
    yield* placesOf(item);
  }
}

function nested(depth: number, leaf: Json): Json {
  let value = leaf;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

function anyValue(random: Random): Json {
  switch (random.int(10)) {
    case 0:
      return null;
    case 1:
      return random.int(2) === 0;
    case 2:
      return random.pick<Json>([[], [0], [null], [[]], ['a', 'b'], Array(100).fill(0)]);
    case 3:
      return random.pick<Json>([{}, { a: 1 }, { __proto__: 1 }, { type: 'x' }]);
    case 4:
    case 5:
      return random.pick(TEXTS);
    case 6:
      return random.pick([0.5, -0.5, 1e-300, 1e308, -1e308, 1.5, 0.1, 255.5, -0]);
    case 7:
      return nested(random.pick([2, 20, 40, 500]), null);
    default:
      return Number(random.pick(NUMBERS));
  }
}

/** A list or text that is much longer. */
function longer(random: Random, value: Json): Json {
  if (Array.isArray(value))
    return Array(random.pick([2, 17, 300]))
      .fill(value)
      .flat();
  if (typeof value === 'string') return value.repeat(random.pick([2, 100])).slice(0, 10_000);
  return anyValue(random);
}

/** A value near the given one. */
function near(random: Random, value: Json): Json {
  if (typeof value === 'number')
    return random.int(2) === 0
      ? value + random.pick([-1, 1, 0.5])
      : value * random.pick([-1, 2, 0.5, 16, 1024, 1e6]);
  if (typeof value === 'string') return value + random.pick(TEXTS);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anyValue(random);
  return { ...value, [random.pick(TEXTS)]: anyValue(random) };
}

function change(random: Random, root: Json): void {
  const places = [...placesOf(root)];
  if (places.length === 0) return;
  const place = random.pick(places);
  const value = place.get();
  const kind = random.int(9);
  if (kind === 0) place.remove();
  else if (kind === 1) place.set(structuredClone(random.pick(places).get()));
  else if (kind === 2) place.set([value]);
  else if (kind === 3) place.set(longer(random, value));
  else if (kind <= 5) place.set(near(random, value));
  else place.set(anyValue(random));
}

/** A text of JSON whose values are changed; one time in five its bytes are, too. */
export function mutateJson(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const root: Json = JSON.parse(new TextDecoder().decode(seed));
  do change(random, root);
  while (random.int(8) < 4);
  const text = new TextEncoder().encode(JSON.stringify(root));
  return random.int(5) === 0 ? mutateBytes(random, text, seeds) : text;
}
