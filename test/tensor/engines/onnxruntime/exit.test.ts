import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { model } from './fixtures.ts';

const source = new URL('../../../../src/tensor/', import.meta.url).href;

/** Runs a program in a process of its own; rejects when it ends with anything but 0. */
const runProgram = async (transport: string, body: string): Promise<string> => {
  const program = `
    import { createSession } from '${source}engines/onnxruntime/createSession.ts';
    import { zeros } from '${source}ndarray.ts';
    const session = await createSession(${JSON.stringify(model('chain'))}, { transport: '${transport}', threads: 2 });
    const feeds = (n) => ({ x: zeros('float32', [n, n]), w: zeros('float32', [n, n]) });
    ${body}`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 55_000 });
  return stdout;
};

describe.each(['c-api', 'binding'])('a process over %s', (transport) => {
  it('ends by itself with a session that was never disposed', async () => {
    expect(await runProgram(transport, `await session.run(feeds(8)); console.log('done');`)).toContain(
      'done',
    );
  });

  it('waits for a run in flight before it ends', async () => {
    const body = `session.run(feeds(300)).then(() => console.log('finished'));`;
    expect(await runProgram(transport, body)).toContain('finished');
  });
});

// Over the binding this aborts: its native code throws into a worker thread whose JavaScript is gone.
it('a process can exit while a run over the C interface is in flight', async () => {
  const body = `session.run(feeds(1200)); setTimeout(() => { console.log('leaving'); process.exit(0); }, 5);`;
  expect(await runProgram('c-api', body)).toContain('leaving');
});
