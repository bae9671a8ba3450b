import { add, mul, scalar, type Tensor } from '../../tensor/index.ts';
import type { LossPart } from './loss.ts';
import type { Carried, Objective } from './objective.ts';

/** A loss's part of an objective, with the name that it is reported by and its weight. */
export interface WeightedPart extends LossPart {
  readonly name: string;
  readonly weight: number;
}

/** Parts that are added before others: those of a group, or one alone. */
function together(parts: readonly WeightedPart[]): readonly (readonly WeightedPart[])[] {
  const groups = new Map<string, WeightedPart[]>();
  for (const part of parts) {
    const key = part.group ? `group ${part.group.name}` : `loss ${part.name}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()];
}

/** factor · Σ weight · loss; where nothing is to be multiplied, the loss itself. */
function sumOf(parts: readonly WeightedPart[]): Tensor {
  const [{ group, loss, weight }] = parts as readonly [WeightedPart, ...WeightedPart[]];
  if (!group) return weight === 1 ? loss : mul(loss, scalar(weight));
  return mul(parts.map((part) => mul(part.loss, scalar(part.weight))).reduce(add), scalar(group.factor));
}

/** Puts in what one loss has under each name. @throws RangeError where another has given something else that name */
function join<T>(what: string, entries: Iterable<readonly [string, T]>): Map<string, T> {
  const joined = new Map<string, T>();
  for (const [name, value] of entries) {
    if (joined.has(name) && joined.get(name) !== value)
      throw new RangeError(`two losses have ${what} named ${name}; rename one of them`);
    joined.set(name, value);
  }
  return joined;
}

const entriesOf = (
  parts: readonly WeightedPart[],
  of: (part: WeightedPart) => Readonly<Record<string, Tensor>> | undefined,
) => parts.flatMap((part) => Object.entries(of(part) ?? {}));

/** The losses of a group by name, then what else they report. */
const metricsOf = (parts: readonly WeightedPart[]): (readonly [string, Tensor])[] => [
  ...parts.map(({ name, loss }) => [name, loss] as const),
  ...entriesOf(parts, ({ metrics }) => metrics),
];

/** What all of them have to say. */
function noticeOf(parts: readonly WeightedPart[]): Objective['notice'] {
  const notices = parts.flatMap(({ notice }) => (notice ? [notice] : []));
  if (notices.length === 0) return undefined;
  return (metrics) => {
    const said = notices.flatMap((notice) => notice(metrics) ?? []);
    return said.length > 0 ? said.join('; ') : undefined;
  };
}

/**
 * The weighted sum of a stage's losses, each reported by its name, and all that they read and hand on.
 * @throws RangeError where two losses give different things one name
 */
export function addUp(parts: readonly WeightedPart[]): Omit<Objective, 'parameters' | 'frozen'> {
  const groups = together(parts);
  const carried: ReadonlyMap<string, Carried> = join(
    'a carried value',
    parts.flatMap((part) => [...(part.carried ?? [])]),
  );
  const notice = noticeOf(parts);
  return {
    loss: groups.map(sumOf).reduce(add),
    inputs: Object.fromEntries(
      join(
        'an input',
        entriesOf(parts, ({ inputs }) => inputs),
      ),
    ),
    metrics: Object.fromEntries(join('a metric', groups.flatMap(metricsOf))),
    ...(carried.size > 0 && { carried }),
    ...(notice && { notice }),
  };
}
