import { lowerBackground, medianBackground } from '../../src/search/cutoff/background.ts';
import { type ImageFeatures, imageBackground, imageFeatures } from '../../src/search/cutoff/imageFeatures.ts';
import { firstRows, row, rowsOf, scoresOf } from '../../src/search/cutoff/scores.ts';
import { type TextFeatures, textBackground, textFeatures } from '../../src/search/cutoff/textFeatures.ts';
import type { Asked, World } from './world.ts';

/** A picture that is shown for a query. */
export interface Shown {
  readonly fits: boolean;
  /** What the sigmoid head says. */
  readonly logit: number;
  /** Score above the query's background over the collection, and the picture's over common queries, in spreads. */
  readonly overCollection: number;
  readonly overCommon: number;
  readonly text: TextFeatures;
  readonly image: ImageFeatures;
}

/** What a search shows for one query, best first. */
export interface Answer {
  readonly group: string;
  readonly present: boolean;
  /** Weight of the query; all of a world have its weight, present and absent ones one half each. */
  readonly weight: number;
  readonly shown: readonly Shown[];
}

/** Pictures that are shown. */
const SHOWN = 10;
/** As `createJudge` has it. */
const BACKGROUND_PICTURES = 512;
const SAMPLE = 4096;

function best(scores: Float64Array, without?: number): number[] {
  const order = Array.from(scores.keys()).filter((at) => at !== without);
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, SHOWN);
}

const above = (score: number, { centre, spread }: { centre: number; spread: number }): number =>
  spread > 0 ? (score - centre) / spread : 0;

/** What is the same for all queries of a world; of pictures only when they are shown. */
function known({ pictures, common }: World) {
  const some = firstRows(pictures, BACKGROUND_PICTURES);
  const memo = <T>(make: (at: number) => T) => {
    const made = new Map<number, T>();
    return (at: number): T => {
      const value = made.get(at) ?? make(at);
      made.set(at, value);
      return value;
    };
  };
  return {
    some,
    texts: textBackground(some, common),
    overCommon: memo((at) => medianBackground(scoresOf(row(pictures, at), common))),
    overPictures: memo((at) => imageBackground(row(pictures, at), some)),
  };
}

/** What a search in the world shows for each of its queries. */
export function answersOf(world: World): Answer[] {
  const { pictures, scalars, group } = world;
  const temperature = Math.exp(scalars.logTemperature);
  const { some, texts, overCommon, overPictures } = known(world);
  const count = rowsOf(pictures);
  const shownFor = ({ query, right, without }: Asked): Shown[] => {
    const all = scoresOf(query, pictures);
    const order = best(all, without);
    const scores = order.map((at) => all[at]!);
    const centres = order.map((at) => overCommon(at).centre);
    const text = textFeatures(texts, temperature, {
      background: all.subarray(0, SAMPLE),
      scores,
      centres,
      count,
    });
    const image = imageFeatures(imageBackground(query, some), scores, order.map(overPictures), count);
    const own = lowerBackground(all);
    return order.map((at, i) => ({
      fits: right.has(at),
      logit: temperature * all[at]! + scalars.bias,
      overCollection: above(all[at]!, own),
      overCommon: above(all[at]!, overCommon(at)),
      text: text[i]!,
      image: image[i]!,
    }));
  };
  const presents = world.asked.filter(({ right }) => right.size > 0).length;
  const weightOf = (present: boolean) =>
    world.weight / 2 / (present ? presents : world.asked.length - presents);
  return world.asked.map((asked) => {
    const present = asked.right.size > 0;
    return { group, present, weight: weightOf(present), shown: shownFor(asked) };
  });
}
