import { expect, it } from 'vitest';
import type { CliIo } from '../../src/cli/io.ts';
import { trainReport } from '../../src/cli/trainReport.ts';

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

function written(json: boolean, bad: number): string {
  const parts: string[] = [];
  const stream = { write: (part: string) => void parts.push(part), isTTY: false };
  const io: CliIo = {
    stdout: stream,
    stderr: stream,
    stdin: (async function* () {})(),
    onInterrupt: () => () => {},
  };
  trainReport(io, json, () => bad).step(progress);
  return parts.join('');
}

it('says how many samples could not be used, where there are any', () => {
  expect(written(false, 3)).toMatch(
    /^step 2\/2 {2}loss 1\.5000 .* waiting for data 25 % {2}3 bad samples\n$/,
  );
  expect(written(false, 0)).not.toContain('bad');
  expect(JSON.parse(written(true, 3))).toMatchObject({ step: 2, bad: 3 });
  expect(JSON.parse(written(true, 0))).toEqual(progress);
});
