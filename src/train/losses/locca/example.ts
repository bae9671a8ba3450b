import type { CaptionedBox, LoccaExample } from '../../../data/batches/loccaBatch.ts';
import type { DrawnSample } from '../../../data/batches/pairBatches.ts';
import type { Region } from '../../../data/samples/sample.ts';
import type { Random } from '../../../tensor/random.ts';

const captioned = ({ box, text }: Region): CaptionedBox => ({ box, caption: text });

/** A caption, and one of the regions for each of the tasks with boxes, where there are regions. */
export function exampleOf({ drawn, regions = [] }: DrawnSample, random: Random): LoccaExample {
  const caption = drawn[0]!.text;
  if (regions.length === 0) return { caption };
  return {
    caption,
    referring: captioned(random.pick(regions)),
    groundedCaptioning: captioned(random.pick(regions)),
  };
}
