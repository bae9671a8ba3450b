import { describe, expect, it } from 'vitest';
import { DINO_COLOURS, SAME_COLOURS, type ViewColours } from '../../../src/data/augmentation/multiCrop.ts';
import type { Region, Sample } from '../../../src/data/samples/sample.ts';
import { createTally } from '../../../src/data/samples/tally.ts';
import type { IndexedSource } from '../../../src/data/sources/source.ts';
import { indexedStream } from '../../../src/data/streams/indexedStream.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import type { Arrays } from '../../../src/tensor/index.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import type { Timeline } from '../../../src/train/timeline/timeline.ts';
import { timelineBatches } from '../../../src/train/timeline/timelineBatches.ts';
import { type BatchRequest, requestsOf } from '../../../src/train/timeline/timelineRun.ts';
import { tinyTimeline } from './tinyTimeline.ts';

const timeline = { ...tinyTimeline(), locca: { decoder: { length: 40 } } };
const SEED = 3;
const stages = stageSchedules(timeline, SEED);
const TEXT_LENGTH = timeline.model.text.length;

/** One id per character, from 4; a text tower's texts are cut to its length. */
const pieceIds = (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!);
const tokenizer = {
  pieceIds,
  encodeBatch: (texts: readonly string[]) => ({
    data: Int32Array.from(texts.flatMap((text) => pieceIds(text.padEnd(TEXT_LENGTH)).slice(0, TEXT_LENGTH))),
    shape: [texts.length, TEXT_LENGTH],
  }),
};

const box = { y1: 0, x1: 0, y2: 0.5, x2: 1 };
const regions: readonly Region[] = [
  { box, text: 'kite' },
  { box, text: 'pond' },
];

/** Grey pictures of different shapes, every third with regions, one without a caption. */
const source: IndexedSource = {
  kind: 'indexed',
  name: 'grey',
  size: 9,
  async read(index) {
    const [width, height] = [20 + index, 12];
    const sample: Sample = {
      key: String(index),
      source: 'grey',
      image: rgbImage(width, height, new Uint8Array(3 * width * height).fill(20 * index)),
      captions: index === 4 ? [] : [{ text: `picture ${index}` }],
      ...(index % 3 === 0 && { regions }),
    };
    return { sample };
  },
};

const open = (tally = createTally({ maxRate: 0.5 }), of: Timeline = timeline) =>
  timelineBatches(of, {
    seed: SEED,
    tokenizer,
    tally,
    streamOf: ({ name }) => indexedStream(source, { seed: SEED + name.length }),
  });

const request = (spec: string, step: number): BatchRequest =>
  requestsOf(timeline, stages.find((stage) => stage.spec.name === spec)!)(step);

const shapes = (arrays: Arrays) =>
  Object.fromEntries(Object.entries(arrays).map(([name, { dtype, shape }]) => [name, `${dtype} ${shape}`]));

describe('batches of a timeline from samples', () => {
  it.each(stages.map(({ spec }) => spec.name))('%s: are all that its losses read', async (name) => {
    const batches = open();
    const wanted = request(name, 1);
    const { images, length, stage } = wanted;
    const size = { images, ...(length !== undefined && { length }) };
    const { inputs } = stageObjective(timeline, stage.spec, size);
    const expected = Object.fromEntries(
      Object.entries(inputs).map(([input, { dtype, shape }]) => [input, `${dtype} ${shape}`]),
    );
    expect(shapes(await batches.batchAt(wanted))).toEqual(expected);
    await batches.close();
  });

  it.each(['selfDistillation', 'maskedPrediction'])('have of %s alone what it reads', async (name) => {
    const spec = { ...timeline.stages[1]!, losses: ['sigmoid', name] };
    const alone = { ...timeline, stages: [timeline.stages[0], spec] } as const;
    const [, stage] = stageSchedules(alone, SEED);
    const [batches, both] = [open(undefined, alone), open()];
    const arrays = await batches.batchAt(requestsOf(alone, stage!)(1));
    const { inputs } = stageObjective(alone, spec, { images: 4 });
    expect(Object.keys(arrays).sort()).toEqual(Object.keys(inputs).sort());
    // The same views and masks as with both losses.
    expect(await both.batchAt(request('distilled', 1))).toMatchObject(arrays);
    await Promise.all([batches.close(), both.close()]);
  });

  it('have rows for the decoder’s tasks alone', async () => {
    const settings = { tasks: ['captioning'] } as const;
    const captioning = { ...timeline, locca: { ...timeline.locca, settings } };
    const batches = open(undefined, captioning);
    const { decoder_ids } = await batches.batchAt(request('pretraining', 0));
    const { inputs } = stageObjective(captioning, captioning.stages[0], { images: 4 });
    expect(decoder_ids!.shape).toEqual(inputs['decoder_ids']!.shape);
    await batches.close();
  });

  it('are a pure function of the request, and stages have views and texts of their own pictures', async () => {
    const [batches, again] = [open(), open()];
    const early = await batches.batchAt(request('distilled', 0));
    const later = await batches.batchAt(request('distilled', 1));
    expect(later['global_views']).not.toEqual(early['global_views']);
    // Read at once, without the step before it.
    expect(await again.batchAt(request('distilled', 1))).toEqual(later);
    expect(await again.batchAt(request('distilled', 0))).toEqual(early);
    await Promise.all([batches.close(), again.close()]);
  });

  it('change the colours of views as the timeline says', async () => {
    const greys = async (viewColours: ViewColours) => {
      const selfSupervision = { ...timeline.selfSupervision, viewColours };
      const batches = open(undefined, { ...timeline, selfSupervision });
      const { global_views } = await batches.batchAt(request('distilled', 0));
      await batches.close();
      return [...new Set([...global_views!.data].map((value) => Math.round((Number(value) + 1) * 1275)))];
    };
    // The source's pictures have one grey each, a multiple of 20.
    expect((await greys(SAME_COLOURS)).filter((grey) => grey % 200 !== 0)).toEqual([]);
    expect((await greys(DINO_COLOURS)).filter((grey) => grey % 200 !== 0)).not.toEqual([]);
  });

  it('ask the decoder for regions where there are any, and count what has no caption', async () => {
    const tally = createTally({ maxRate: 0.5 });
    const batches = open(tally);
    const asked: string[] = [];
    for (const step of [0, 1, 2]) {
      const { decoder_ids } = await batches.batchAt(request('pretraining', step));
      const [, length] = decoder_ids!.shape as [number, number];
      const ids = Array.from(decoder_ids!.data, Number);
      for (let row = 0; row < ids.length / length; row++) {
        const text = ids.slice(row * length, (row + 1) * length).filter((id) => id > 1);
        asked.push(String.fromCodePoint(...text));
      }
    }
    expect(asked).toHaveLength(3 * 4 * 3);
    expect(asked).toContain('Cap: picture 3');
    const referring = asked.filter((text) => text.startsWith('ARef:'));
    for (const text of referring) expect(text).toMatch(/^ARef: (kite|pond) : 0 0 250 500$/);
    // A picture without regions has a caption and nothing else.
    expect(referring.length).toBe(asked.filter((text) => text.startsWith('GCap:')).length);
    expect(asked.filter((text) => text === '').length).toBe(2 * (12 - referring.length));
    expect(referring.length).toBeGreaterThan(0);
    expect(Object.keys(tally.report().reasons)).toEqual(['missing-caption']);
    await batches.close();
  });
});
