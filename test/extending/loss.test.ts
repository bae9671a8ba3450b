import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CountingSettings, counting } from '../../examples/ownLoss.ts';
import { trainReport } from '../../src/cli/train/progressLines.ts';
import { type IndexedSource, indexedStream, rgbImage } from '../../src/data/index.ts';
import {
  type LogEntry,
  readLog,
  registerLoss,
  settingsFor,
  stageObjective,
  type Timeline,
  timelineBatches,
  timelineCosts,
  timelineRun,
  trainStages,
  writeReport,
} from '../../src/train/index.ts';
import { eventFilePath } from '../../src/train/run/tensorboard/eventFile.ts';
import { tinyTimeline } from '../train/timeline/tinyTimeline.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'siglip2-own-loss-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const box = { y1: 0, x1: 0, y2: 1, x2: 1 };

/** Picture i has i regions. */
const source: IndexedSource = {
  kind: 'indexed',
  name: 'grey',
  size: 4,
  read: async (index) => ({
    sample: {
      ...{ key: String(index), source: 'grey', captions: [{ text: 'grey' }] },
      image: rgbImage(8, 8, new Uint8Array(192).fill(60 * index)),
      regions: Array.from({ length: index }, () => ({ box, text: 'part' })),
    },
  }),
};

/** A timeline of two updates of four pictures. */
function timelineWith(settings?: CountingSettings & { readonly weight?: number }): Timeline {
  const [first] = tinyTimeline().stages;
  const spec = {
    ...first,
    extent: { kind: 'share', start: 0, end: 1 },
    losses: ['sigmoid', 'counting'],
  } as const;
  return {
    ...tinyTimeline([spec]),
    examples: 8,
    ...(settings && { lossSettings: settingsFor(counting, settings) }),
  };
}

const timeline = timelineWith({ most: 2 });
const batches = timelineBatches(timeline, {
  seed: 1,
  streamOf: () => indexedStream(source, { seed: 1 }),
  tokenizer: {
    pieceIds: () => [],
    encodeBatch: (texts) => ({ data: new Int32Array(texts.length * 4), shape: [texts.length, 4] }),
  },
});

describe('a loss of one’s own, from one file', () => {
  let log: readonly LogEntry[];
  const noted: string[] = [];
  beforeAll(async () => {
    const output = { isTTY: false, write: (text: string) => void noted.push(text) };
    const stdin = (async function* () {})();
    const report = trainReport({ stdout: output, stderr: output, stdin, onInterrupt: () => () => {} }, false);
    const stages = timelineRun(timeline, batches, { seed: 1 });
    const onProgress = (progress: Parameters<typeof report.step>[0]) => report.step(progress);
    await trainStages(stages, { runDir: folder, saveEvery: 9, session: { threads: 1 }, onProgress });
    await batches.close();
    log = await readLog(join(folder, '1-pretraining'));
  });

  it('has at most 40 lines, and docs/extending.md shows it', () => {
    const text = readFileSync(join(root, 'examples/ownLoss.ts'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    expect(readFileSync(join(root, 'docs/extending.md'), 'utf8')).toContain(`\`\`\`ts\n${text}\`\`\``);
  });

  it('is logged, and added with its weight', () => {
    expect(log).toHaveLength(2);
    for (const { loss, sigmoid, counting: own, countingBias } of log) {
      expect(Number(countingBias)).toBeLessThan(0);
      expect(Number(own)).toBeGreaterThan(0);
      expect(Number(loss)).toBeCloseTo(Number(sigmoid) + 0.1 * Number(own), 5);
    }
    // Each batch has the four pictures, with 0, 1, 2 and 3 regions; the head begins near 0.
    expect(Number(log[0]!['counting'])).toBeCloseTo((0 + 0.25 + 1 + 1) / 4, 1);
  });

  it('is in the progress line, in TensorBoard and in the report', async () => {
    expect(noted.join('')).toMatch(/loss [\d.]+ \(sigmoid [\d.]+, counting 0\.[\d]+\)/);
    const events = readFileSync(eventFilePath(join(folder, '1-pretraining')), 'latin1');
    for (const tag of ['counting', 'countingBias']) expect(events).toContain(tag);
    expect(readFileSync(await writeReport(folder), 'utf8')).toContain('<h2>counting <span>');
  });

  it('is in the cost', () => {
    const [cost] = timelineCosts(timeline);
    const [without] = timelineCosts({
      ...timeline,
      stages: [{ ...timeline.stages[0], losses: ['sigmoid'] }],
    });
    expect(cost!.losses).toEqual(['sigmoid', 'counting']);
    expect(cost!.flops).toBeGreaterThan(without!.flops!);
  });

  it('takes settings, and names what is wrong with them', () => {
    const objectiveOf = (settings?: CountingSettings & { readonly weight?: number }) => () =>
      stageObjective(timelineWith(settings), timeline.stages[0], { images: 2 });
    expect(Object.keys(objectiveOf()().metrics)).toContain('counting');
    expect(objectiveOf({ most: 0 })).toThrow(
      'timeline.lossSettings.counting.most is 0; it must be a whole number of at least 1',
    );
    expect(objectiveOf({ weight: -1 })).toThrow('timeline.lossSettings.counting.weight is -1; it must be');
    expect(objectiveOf({ mots: 3 } as never)).toThrow(
      'timeline.lossSettings.counting has no setting "mots"; known are weight, most',
    );
  });

  it('must have a name of its own', () => {
    expect(registerLoss(counting)).toBe(counting);
    expect(() => registerLoss({ ...counting })).toThrow("there are two of the loss 'counting'");
    expect(() => registerLoss({ ...counting, name: '' })).toThrow('loss.name is ""; it must be');
  });
});
