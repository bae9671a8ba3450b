import { firstMoment, secondMoment } from '../step/optimizer/moments.ts';
import type { StateEntries } from './stepCost.ts';

/** What a stage is, for what goes through it. */
interface Through {
  /** What it trains or carries; undefined where that depends on what is learnt. */
  readonly entries: StateEntries | undefined;
  /** The stage that it starts from. */
  readonly parent: number | undefined;
  /** Whether it starts without moments. */
  readonly withoutMoments: boolean;
}

const isMoment = (name: string): boolean =>
  name.startsWith(firstMoment('')) || name.startsWith(secondMoment(''));

/** For each stage, the bytes of what it starts from and does not train. Stages follow those that they start from. */
export function passingBytes(stages: readonly Through[]): number[] {
  const ends: StateEntries[] = [];
  return stages.map(({ entries = new Map(), parent, withoutMoments }) => {
    const start = parent === undefined ? new Map<string, number>() : ends[parent]!;
    const passing = [...start].filter(([name]) => !entries.has(name) && !(withoutMoments && isMoment(name)));
    ends.push(new Map([...passing, ...entries]));
    return passing.reduce((sum, [, bytes]) => sum + bytes, 0);
  });
}
