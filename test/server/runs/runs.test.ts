import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { createLogReader } from '../../../src/server/runs/logReader.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { HOST } from '../requests.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'siglip2-runs-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const line = (entry: object): string => `${JSON.stringify(entry)}\n`;

/** A run of two stages: the second goes on from the first. */
function makeRun(root: string, name: string): string {
  const run = join(root, name);
  for (const dir of ['1-a', '2-b']) mkdirSync(join(run, dir), { recursive: true });
  writeFileSync(
    join(run, 'stages.json'),
    JSON.stringify([
      { name: 'a', dir: '1-a' },
      { name: 'b', dir: '2-b', parent: 0 },
    ]),
  );
  writeFileSync(
    join(run, '1-a/log.jsonl'),
    line({ step: 1, loss: 4, time: 100 }) +
      line({ step: 2, loss: 3, time: 101 }) +
      line({ step: 2, 'zero-shot/top1': 0.25, evaluationSeconds: 1, time: 102 }),
  );
  writeFileSync(join(run, '2-b/log.jsonl'), line({ step: 1, loss: 2, time: 103 }));
  return run;
}

function askerOf(runs: string) {
  const encoder = fakeEncoder();
  const app = createApp({ encoder, model: describeModel('m', encoder), runs });
  return async (path: string) => app.request(path, { headers: HOST });
}

it('a folder of runs is told of: curves by updates on the line of stages, evaluators apart, states', async () => {
  const root = folder();
  const run = makeRun(root, 'mine');
  mkdirSync(join(makeRun(root, 'done'), 'model'));
  mkdirSync(join(root, 'no run'));
  const ask = askerOf(root);
  expect(await (await ask('/v1/runs')).json()).toEqual({
    runs: [
      { name: 'done', state: 'finished', stage: 'b', step: 3, steps: null, updated: 103_000, loss: 2 },
      { name: 'mine', state: 'stopped', stage: 'b', step: 3, steps: null, updated: 103_000, loss: 2 },
    ],
  });
  writeFileSync(
    join(run, '.lock'),
    JSON.stringify({ id: 'x', pid: process.pid, host: hostname(), since: '' }),
  );
  expect(await (await ask('/v1/runs/mine')).json()).toMatchObject({
    state: 'running',
    stages: [
      {
        name: 'a',
        curves: [
          {
            metric: 'loss',
            points: [
              { x: 1, mean: 4 },
              { x: 2, mean: 3 },
            ],
          },
        ],
      },
      { name: 'b', curves: [{ metric: 'loss', points: [{ x: 3, mean: 2 }] }] },
    ],
    evaluations: [{ step: 2, stage: 'a', name: 'zero-shot', metric: 'top1', value: 0.25 }],
    skipped_lines: 0,
  });
  const none = await ask('/v1/runs/other');
  expect(none.status).toBe(404);
  expect(await none.json()).toMatchObject({
    error: { message: 'there is no run "other"; there are: done, mine' },
  });
  // A folder that is one run itself.
  expect(await (await askerOf(run)('/v1/runs')).json()).toMatchObject({ runs: [{ name: 'mine' }] });
});

it('a run shows the pictures that it names, with what its model said last, and no other file', async () => {
  const root = folder();
  const run = makeRun(root, 'mine');
  const samples = join(run, 'samples');
  mkdirSync(samples);
  const write = (name: string, value: unknown) => writeFileSync(join(samples, name), JSON.stringify(value));
  write('pictures.json', [
    { title: 'a cat', image: '0.webp' },
    { title: 'a dog', image: '1.webp' },
  ]);
  writeFileSync(join(samples, '0.webp'), 'picture');
  writeFileSync(join(root, 'secret'), 'secret');
  symlinkSync(join(root, 'secret'), join(samples, '1.webp'));
  const texts = [[{ text: 'a cat', probability: 0.9 }], [{ text: 'a cat', probability: 0.2 }]];
  write('a-00000002.json', { stage: 'a', step: 2, texts: [] });
  write('b-00000001.json', { stage: 'b', step: 1, texts });
  const ask = askerOf(root);
  expect(await (await ask('/v1/runs/mine')).json()).toMatchObject({
    samples: [
      { title: 'a cat', image: '/v1/runs/mine/samples/0', step: 3, texts: texts[0] },
      { title: 'a dog', step: 3, texts: texts[1] },
    ],
  });
  const picture = await ask('/v1/runs/mine/samples/0');
  expect([picture.headers.get('content-type'), await picture.text()]).toEqual(['image/webp', 'picture']);
  // A link is not followed, and a name that leads out of the folder is none.
  for (const place of [1, 2]) expect((await ask(`/v1/runs/mine/samples/${place}`)).status).toBe(404);
  for (const place of ['..%2f..%2fsecret', '-1', '0.webp'])
    expect((await ask(`/v1/runs/mine/samples/${place}`)).status).toBe(400);
  write('pictures.json', [{ title: 'a cat', image: '../../secret' }]);
  expect((await ask('/v1/runs/mine/samples/0')).status).toBe(404);
});

it('how many steps a run has is known of its stages, or of a fine-tuning, which has ended with the last', async () => {
  const root = folder();
  const run = makeRun(root, 'mine');
  writeFileSync(
    join(run, 'stages.json'),
    JSON.stringify([
      { name: 'a', dir: '1-a', steps: 2 },
      { name: 'b', dir: '2-b', parent: 0, steps: 4 },
    ]),
  );
  const tuned = join(root, 'tuned');
  mkdirSync(tuned);
  writeFileSync(join(tuned, 'finetune.json'), JSON.stringify({ steps: 2 }));
  writeFileSync(join(tuned, 'log.jsonl'), line({ step: 1, loss: 2, time: 1 }));
  const ask = askerOf(root);
  expect(await (await ask('/v1/runs')).json()).toMatchObject({
    runs: [
      { name: 'mine', step: 3, steps: 6, state: 'stopped' },
      { name: 'tuned', step: 1, steps: 2, state: 'stopped' },
    ],
  });
  appendFileSync(join(tuned, 'log.jsonl'), line({ step: 2, loss: 2, time: 2 }));
  expect(await (await ask('/v1/runs')).json()).toMatchObject({
    runs: [{}, { name: 'tuned', step: 2, steps: 2, state: 'finished' }],
  });
});

it('a run is followed by its events', async () => {
  const root = folder();
  const run = makeRun(root, 'mine');
  const answer = await askerOf(root)('/v1/runs/mine/events');
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toMatch(/^retry/);
  expect((await reader.read()).value).toContain('event: run\ndata: {"name":"mine"');
  appendFileSync(join(run, '2-b/log.jsonl'), line({ step: 2, loss: 1.5, time: 104 }));
  expect((await reader.read()).value).toContain('"mean":1.5');
  await reader.cancel();
});

it('a log is read on: half lines wait, broken ones are counted, one that is written anew is read anew', async () => {
  const path = join(folder(), 'log.jsonl');
  const reader = createLogReader(path);
  expect(await reader.update()).toBe(false);
  writeFileSync(path, `${line({ step: 1, loss: 1 })}no json\n{"step": 2, "lo`);
  expect(await reader.update()).toBe(true);
  expect([reader.entries.length, reader.skipped]).toEqual([1, 1]);
  expect(await reader.update()).toBe(false);
  const first = reader.entries[0];
  appendFileSync(path, `ss": "é"}\n`);
  await reader.update();
  expect(reader.entries).toEqual([
    { step: 1, loss: 1 },
    { step: 2, loss: 'é' },
  ]);
  expect(reader.entries[0]).toBe(first);
  writeFileSync(path, line({ step: 9 }));
  await reader.update();
  expect([reader.entries, reader.skipped]).toEqual([[{ step: 9 }], 0]);
});
