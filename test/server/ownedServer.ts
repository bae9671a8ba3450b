import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Job } from '../../src/server/jobs/job.ts';
import { serve } from '../../src/server/serve.ts';
import type { ServeOptions } from '../../src/server/serveOptions.ts';

/** A folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-owned-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What an answer says; a test looks at it closely. */
export const answered = async (answer: Promise<Response> | Response): Promise<Record<string, never>> =>
  (await answer).json() as never;

/** A server with the one who started it as its client. */
export async function ownedServer(options: ServeOptions) {
  const { url, ownerUrl, close } = await serve({
    port: 0,
    threads: 1,
    signals: false,
    log: () => {},
    ...options,
  });
  onTestFinished(close);
  const token = new URL(ownerUrl).hash.replace('#token=', '');
  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, url), init);
  const owned = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    ask(path, {
      method,
      headers: { 'x-siglip2-token': token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  /** Follows jobs by their events until one has ended. */
  async function follow(id: string, seen: (job: Job) => void = () => {}): Promise<Job> {
    const answer = await ask('/v1/jobs/events');
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: job\ndata: (.*)$/.exec(event)?.[1];
        if (data === undefined) continue;
        const job: Job = JSON.parse(data);
        if (job.id !== id) continue;
        seen(job);
        if (job.ended !== undefined) return job;
      }
    }
    throw new Error('the events ended');
  }
  return { url, close, ask, owned, follow };
}
