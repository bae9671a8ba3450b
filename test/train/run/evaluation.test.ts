import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { IndexedSource } from '../../../src/data/sources/source.ts';
import type { Evaluator } from '../../../src/evaluate/evaluator.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { type Arrays, float32, int32 } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import { evaluateStages } from '../../../src/train/run/evaluation/evaluateStages.ts';
import type { ScheduledEvaluator } from '../../../src/train/run/evaluation/scheduled.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { readHistory } from '../../../src/train/run/report/history.ts';
import { reportHtml } from '../../../src/train/run/report/reportHtml.ts';
import { readSamples, samplesFolder } from '../../../src/train/run/samples/files.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { savedSteps } from '../../../src/train/run/states.ts';
import { type StagesOptions, trainStages } from '../../../src/train/run/trainStages.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { PREPROCESSORS, smallTokenizer, tinyConfig } from '../../cli/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAIRS = 2;
const SIDE = 16;
const tokenizerJson = smallTokenizer();
const vocabSize = Object.keys(tokenizerJson.model.vocab).length;
const config = tinyConfig('fixed', vocabSize);
const model = { config, preprocessor: PREPROCESSORS.fixed, tokenizerJson };
const session = { threads: 1 };

function batchAt(step: number): Arrays {
  const random = createRandom(1, 'batch', step);
  const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
  const ids = int32([PAIRS], [0, 1]);
  const pixels = draw(PAIRS * 3 * SIDE * SIDE, () => random.normal());
  const tokens = draw(PAIRS * SIDE, () => Math.floor(random.next() * vocabSize));
  return {
    pixel_values: float32([PAIRS, 3, SIDE, SIDE], pixels),
    input_ids: int32([PAIRS, SIDE], tokens),
    image_ids: ids,
    text_ids: ids,
  };
}

const stage = (name: string, totalSteps: number): Stage => ({
  name,
  training: {
    objective: contrastiveObjective(config, { images: PAIRS, texts: PAIRS }),
    optimizer: { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
    schedule: { totalSteps, warmupSteps: 0 },
    seed: 1,
    batchAt,
  },
});
const stages = [stage('first', 5), stage('second', 2)] as const;

/** Numbers that change with every update; the second asks nothing of the model. */
function evaluators(more: Partial<ScheduledEvaluator> = {}): ScheduledEvaluator[] {
  const likeness: Evaluator = {
    name: 'likeness',
    description: 'How alike two texts are.',
    options: {},
    async *run(encoder) {
      const { data } = await encoder.embedTexts(['a cat', 'a dog']);
      const value = data
        .subarray(0, encoder.width)
        .reduce((sum, one, i) => sum + one * data[encoder.width + i]!, 0);
      yield { metric: 'cosine', value, count: 1, lowerIsBetter: true };
      yield { metric: 'none', value: Number.NaN, count: 1 };
    },
  };
  const ends: Evaluator = {
    name: 'ends',
    description: 'One.',
    options: {},
    async *run() {
      yield { metric: 'one', value: 1, count: 1 };
    },
  };
  return [{ evaluator: likeness, every: 2, prefix: 'own', ...more }, { evaluator: ends }];
}

/** Of which the models are asked; one cannot be read. */
const pictures: IndexedSource = {
  ...{ kind: 'indexed', name: 'pictures', size: 3 },
  async read(index) {
    const source = 'pictures';
    if (index === 1)
      return { bad: { reason: 'undecodable', key: 'b', source, detail: 'b: cannot be decoded' } };
    const image = rgbImage(20, 10, new Uint8Array(600).fill(100 * index));
    return { sample: { key: `${index}`, image, captions: [{ text: index ? 'a cat' : 'a dog' }], source } };
  },
};

function run(
  name: string,
  scheduled: ScheduledEvaluator[],
  more: Partial<StagesOptions> = {},
  best?: string,
) {
  const runDir = join(folder, name);
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  const samples = best === undefined ? {} : { samples: { data: pictures } };
  const options = { runDir, model, session, onNotice, ...samples, ...(best !== undefined && { best }) };
  const evaluations = scheduled.length > 0 ? { evaluations: evaluateStages(scheduled, options) } : {};
  const done = trainStages([...stages], { runDir, saveEvery: 2, session, ...evaluations, ...more });
  return { runDir, notices, done };
}

/** A run's log without what depends on the clock. */
async function logOf(runDir: string) {
  const logs = await Promise.all(['1-first', '2-second'].map((dir) => readLog(join(runDir, dir))));
  return logs.map((log) =>
    log.map(({ time: _, idle: __, stepsPerSecond: ___, evaluationSeconds, ...rest }) => ({
      ...rest,
      ...(evaluationSeconds !== undefined && { isEvaluation: true }),
    })),
  );
}

/** What chooses the best state. */
const METRIC = 'own/cosine';
const whole = run('whole', evaluators({ every: 3 }), {}, METRIC);

describe('evaluators of a run', () => {
  it('run every n updates and at the end of stages, and change no bit', async () => {
    const { state } = await whole.done;
    const [first, second] = await logOf(whole.runDir);
    const evaluated = (log = first) => log!.filter((entry) => 'isEvaluation' in entry);
    expect(evaluated().map(({ step, ...entry }) => [step, Object.keys(entry)])).toEqual([
      [3, ['own/cosine', 'isEvaluation']],
      [5, ['own/cosine', 'ends/one', 'isEvaluation']],
    ]);
    expect(evaluated(second).map(({ step }) => step)).toEqual([2]);
    // The line of a step comes before that of its evaluation.
    expect(first!.map(({ step }) => step)).toEqual([1, 2, 3, 3, 4, 5, 5]);
    expect(whole.notices[0]).toBe('own/none is NaN, which is no number; it is left out of the log');
    expect(readdirSync(whole.runDir).sort()).toEqual(['1-first', '2-second', 'samples', 'stages.json']);
    const plain = run('plain', []);
    expect((await plain.done).state).toEqual(state);
    const logs = await logOf(plain.runDir);
    expect(logs).toEqual([first, second].map((log) => log!.filter((entry) => !('isEvaluation' in entry))));
  });

  it('ask the models of some pictures; what they said last is read, and no half of it', async () => {
    await whole.done;
    const folder = samplesFolder(whole.runDir);
    expect(readdirSync(folder).sort()).toEqual([
      '0.webp',
      '1.webp',
      'first-00000003.json',
      'first-00000005.json',
      'pictures.json',
      'second-00000002.json',
    ]);
    const read = await readSamples(whole.runDir);
    expect(read.pictures.map(({ title }) => title)).toEqual(['a dog', 'a cat']);
    expect(read.last.map(({ stage, step }) => [stage, step])).toEqual([
      ['first', 5],
      ['second', 2],
    ]);
    for (const { texts } of read.last)
      for (const best of texts) {
        expect(best.map(({ text }) => text).sort()).toEqual(['a cat', 'a dog']);
        expect(best[0]!.probability).toBeGreaterThanOrEqual(best[1]!.probability);
      }
    writeFileSync(join(folder, 'second-00000002.json'), '{"stage":"sec');
    expect((await readSamples(whole.runDir)).last.map(({ stage }) => stage)).toEqual(['first']);
    expect(await readSamples(join(whole.runDir, 'none'))).toEqual({ pictures: [], last: [] });
  });

  it('are drawn in the report, whose table and last values pass over them', async () => {
    await whole.done;
    const html = reportHtml('whole', await readHistory(whole.runDir));
    for (const name of ['own/cosine', 'ends/one', 'Seconds of each evaluation'])
      expect(html).toContain(`<h2>${name} <span>`);
    expect(html).toMatch(/<h2>Loss <span>/);
    expect(html).not.toContain('<td>–</td>');
  });

  it('give the same log where a run was killed, by an evaluator too, and choose the same best state', async () => {
    const { best, state } = await whole.done;
    let calls = 0;
    const [likeness, ends] = evaluators({ every: 3 });
    const failing: Evaluator = {
      ...likeness!.evaluator,
      run(encoder, options) {
        if (++calls === 1) throw new Error('the disk is gone');
        return likeness!.evaluator.run(encoder, options);
      },
    };
    const scheduled = [{ ...likeness!, evaluator: failing }, ends!];
    const killed = run('killed', scheduled, {}, METRIC);
    await expect(killed.done).rejects.toThrow('the evaluator own failed: the disk is gone');
    // What was learnt until then is not lost.
    expect(await savedSteps(join(killed.runDir, '1-first'))).toEqual([2, 3]);
    const onProgress: StagesOptions['onProgress'] = ({ step }, { name }) => {
      if (name === 'second' && step === 2) throw new Error('killed');
    };
    await expect(run('killed', scheduled, { onProgress }, METRIC).done).rejects.toThrow('killed');
    const result = await run('killed', scheduled, {}, METRIC).done;
    expect(result.state).toEqual(state);
    expect(await logOf(killed.runDir)).toEqual(await logOf(whole.runDir));
    expect(result.best).toMatchObject({ step: best!.step, value: best!.value });
    expect(await result.best!.parameters()).toEqual(await best!.parameters());
    expect(calls).toBe(4);
  });

  it('are refused before anything is trained where they cannot be told apart or none gives what chooses', () => {
    const [one] = evaluators();
    const options = { runDir: folder, model };
    expect(() => evaluateStages([one!, one!], options)).toThrow('two have the prefix own');
    expect(() => evaluateStages([one!], { ...options, best: 'top1' })).toThrow(
      'no evaluator gives top1, which should choose the best state; there are own/…',
    );
    expect(() => evaluateStages([{ ...one!, every: 0 }], options)).toThrow('evaluators[0].every is 0');
  });
});
