import { expect, it } from 'vitest';
import { createJobs } from '../../../src/server/jobs/createJobs.ts';
import type { Job, JobWork } from '../../../src/server/jobs/job.ts';
import { shownJob } from '../../../src/server/jobs/shownJob.ts';

const ABOUT = { kind: 'index', title: 'photos', unit: 'files' } as const;

const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });

/** Work that ends when it is told to. */
function work() {
  let finish = () => {};
  let fail = (_: Error) => {};
  let begun = false;
  const end = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const own: JobWork = async (report, signal) => {
    begun = true;
    report({ stage: 'embedding', done: 1, total: 2 });
    await Promise.race([end, until(signal)]);
  };
  return { own, finish: () => finish(), fail: (error: Error) => fail(error), hasBegun: () => begun };
}

const ended = (jobs: ReturnType<typeof createJobs>, id: string): Promise<Job> =>
  new Promise((resolve) => {
    const look = () => {
      const job = jobs.all().find((one) => one.id === id);
      if (job?.ended === undefined) return;
      unwatch();
      resolve(job);
    };
    const unwatch = jobs.watch(look);
    look();
  });

it('jobs run one at a time, in their order, and say how they ended', async () => {
  const jobs = createJobs();
  const [first, second, third] = [work(), work(), work()];
  const one = jobs.start(ABOUT, first.own);
  const two = jobs.start(ABOUT, second.own);
  const three = jobs.start(ABOUT, third.own);
  await new Promise((resolve) => setImmediate(resolve));
  expect(jobs.all().map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting']);
  expect([first, second].map(({ hasBegun }) => hasBegun())).toEqual([true, false]);
  first.finish();
  expect(await ended(jobs, one.id)).toMatchObject({ state: 'done', stage: 'embedding', done: 1, total: 2 });
  second.fail(new Error('the disk is full; free some space'));
  expect(await ended(jobs, two.id)).toMatchObject({
    state: 'failed',
    error: 'the disk is full; free some space',
  });
  expect(jobs.stop(three.id)).toBe(true);
  expect(await ended(jobs, three.id)).toMatchObject({ state: 'stopped' });
  expect([jobs.stop(three.id), jobs.stop('none')]).toEqual([false, false]);
});

it('a job that has done all when it is told to stop is done; one that waits never begins', async () => {
  const jobs = createJobs();
  const one = jobs.start(ABOUT, async (_, signal) => {
    await until(signal).catch(() => {});
  });
  const waiting = work();
  const two = jobs.start(ABOUT, waiting.own);
  await new Promise((resolve) => setImmediate(resolve));
  jobs.stop(two.id);
  expect(jobs.all()[1]).toMatchObject({ state: 'stopped' });
  jobs.stop(one.id);
  expect(await ended(jobs, one.id)).toMatchObject({ state: 'done' });
  expect(waiting.hasBegun()).toBe(false);
});

it('many reports are told a few times a second', async () => {
  const jobs = createJobs();
  let told = 0;
  jobs.watch(() => {
    told++;
  });
  const { id } = jobs.start({ ...ABOUT, unit: 'bytes' }, async (report) => {
    for (let done = 0; done < 1000; done++) report({ done, total: 1000 });
  });
  const job = await ended(jobs, id);
  expect(job).toMatchObject({ done: 999 });
  expect(job.rate).toBeUndefined();
  expect(told).toBe(3);
});

it('what has ended is forgotten when there is much of it, and no more can wait than fit', async () => {
  const jobs = createJobs();
  for (let i = 0; i < 60; i++) await ended(jobs, jobs.start(ABOUT, async () => {}).id);
  expect(jobs.all()).toHaveLength(50);
  expect(jobs.all().at(-1)?.id).toBe('60');
  const works = Array.from({ length: 20 }, () => jobs.start(ABOUT, work().own));
  expect(works).toHaveLength(20);
  expect(() => jobs.start(ABOUT, work().own)).toThrow('20 jobs wait or run');
  await jobs.close();
  expect(jobs.all().every(({ ended: at }) => at !== undefined)).toBe(true);
  expect(() => jobs.start(ABOUT, work().own)).toThrow('the server is stopping');
});

it('who may not know where folders lie sees paths from the name of the job’s folder on', async () => {
  const folder = '/home/ada/My pictures';
  const jobs = createJobs();
  const { id } = jobs.start({ ...ABOUT, title: `mine: ${folder}`, folder }, async (report) => {
    report({
      summary: `${folder} is empty`,
      problems: [{ reason: 'undecodable', count: 1, examples: [`${folder}/2024/a b.jpg: is cut off`] }],
    });
    throw new Error('/var/lib/siglip2/mine.db cannot be written; see https://example.org/help/disk');
  });
  const job = await ended(jobs, id);
  expect(shownJob(job, true)).toMatchObject({ title: `mine: ${folder}`, summary: `${folder} is empty` });
  const shown = shownJob(job, false);
  expect(shown).toMatchObject({
    title: 'mine: My pictures',
    summary: 'My pictures is empty',
    error: 'mine.db cannot be written; see https://example.org/help/disk',
    problems: [{ examples: ['My pictures/2024/a b.jpg: is cut off'] }],
  });
  expect(shown).not.toHaveProperty('folder');
});
