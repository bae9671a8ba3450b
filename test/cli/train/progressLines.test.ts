import { expect, it } from 'vitest';
import type { CliIo } from '../../../src/cli/support/io.ts';
import { trainReport } from '../../../src/cli/train/progressLines.ts';

const progress = {
  step: 2,
  totalSteps: 2,
  loss: 1.5,
  gradientNorm: 1,
  metrics: {},
  learningRate: 1e-3,
  stepsPerSecond: 4,
  eta: 0,
  idle: 0.25,
};

/** What an objective with all losses reports. */
const METRICS = {
  sigmoid: 2.1,
  temperature: 10,
  bias: -10,
  locca: 6.5,
  captioning: 6.04,
  referring: 0.0123,
  groundedCaptioning: 123.4,
  selfDistillation: 7,
  maskedPrediction: 8,
  teacherEntropy: 3,
  score_chosen: 1,
};

interface Shown {
  readonly json?: boolean;
  readonly bad?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  /** Of a terminal; without them there is none. */
  readonly columns?: number;
}

/** What is written goes to `parts`. @param columns of a terminal */
function recording(columns?: number) {
  const parts: string[] = [];
  const write = (part: string) => void parts.push(part);
  const io: CliIo = {
    stdout: { write },
    stderr: { write, isTTY: columns !== undefined, ...(columns !== undefined && { columns }) },
    stdin: (async function* () {})(),
    onInterrupt: () => () => {},
  };
  return { io, parts };
}

function written({ json = false, bad = 0, metrics = {}, columns }: Shown): string {
  const { io, parts } = recording(columns);
  trainReport(io, json, () => bad).step({ ...progress, metrics });
  return parts.join('');
}

it('says how many samples could not be used, where there are any', () => {
  expect(written({ bad: 3 })).toMatch(
    /^step 2\/2 {2}loss 1\.5000 .* waiting for data 25 % {2}3 bad samples\n$/,
  );
  expect(written({})).not.toContain('bad');
  expect(JSON.parse(written({ json: true, bad: 3 }))).toMatchObject({ step: 2, bad: 3 });
  expect(JSON.parse(written({ json: true }))).toEqual(progress);
});

it('names the parts of the loss, and nothing else that is reported', () => {
  expect(written({ metrics: METRICS })).toBe(
    'step 2/2  loss 1.5000 (sigmoid 2.10, captioning 6.04, referring 0.0123, groundedCaptioning 123, selfDistillation 7.00, maskedPrediction 8.00)  4.00 steps/s  ETA 0s  waiting for data 25 %\n',
  );
  // Of one part, or none, the loss says everything.
  const { sigmoid, temperature, bias } = METRICS;
  expect(written({ metrics: { sigmoid, temperature, bias } })).toContain('loss 1.5000  4.00 steps/s');
  expect(written({ metrics: { temperature, bias } })).toContain('loss 1.5000  4.00 steps/s');
});

it('shows on a terminal what fits beside the time to go', () => {
  const wide = written({ metrics: METRICS, columns: 220 });
  expect(wide).toMatch(/█+ step 2\/2 {2}loss 1\.5000 \(sigmoid 2\.10, .*, maskedPrediction 8\.00\) .* 25 %$/);
  const narrow = written({ metrics: METRICS, columns: 105 });
  expect(narrow).toMatch(/2Kstep 2\/2 {2}loss 1\.5000 \(sigmoid 2\.10, captioning 6\.04, …\) .* 25 %$/);
  expect(written({ metrics: METRICS, columns: 70 })).toMatch(/█+ step 2\/2 {2}loss 1\.5000 {2}4/);
  // One part needs no room.
  expect(written({ metrics: {}, columns: 90 })).toMatch(/█+ step 2\/2 {2}loss 1\.5000 {2}4/);
});

it('passes on what a stage has to say, once', () => {
  const { io, parts } = recording();
  const machine = trainReport(io, true);
  for (const step of [7, 8]) machine.step({ ...progress, step, notice: 'all alike' });
  expect(parts.map((part) => JSON.parse(part).notice)).toEqual(['all alike', undefined]);
  parts.length = 0;
  const report = trainReport(io, false);
  for (const step of [7, 8]) report.step({ ...progress, step, totalSteps: 9, notice: 'all alike' }, 'late');
  report.step({ ...progress, step: 9, totalSteps: 9, notice: 'all alike' }, 'later');
  const lines = parts.join('').split('\n');
  expect(lines.filter((line) => line.includes('all alike'))).toEqual([
    'late  step 7: all alike',
    'later  step 9: all alike',
  ]);
});
