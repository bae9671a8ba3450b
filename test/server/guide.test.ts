import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { commandsOf, curlRequest } from '../support/curl.ts';
import { embeddedApp } from './embeddedApp.ts';

const page = readFileSync('docs/server.md', 'utf8');
const { app, encoder } = await embeddedApp();

/** The page's blocks, with their languages, in their order. */
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

/** The commands, each with the answer that the page shows of it, if it does. */
const commands = blocks.flatMap(({ language, text }, i) => {
  const curls = language === 'sh' ? commandsOf(text).filter((command) => command.startsWith('curl ')) : [];
  const next = blocks[i + 1];
  const shown: unknown = next?.language === 'json' ? JSON.parse(next.text) : undefined;
  return curls.map((command, k) => ({
    name: command.split('\n')[0],
    command,
    shown: k === curls.length - 1 ? shown : undefined,
  }));
});

/** What is shown, of which numbers are rounded. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 2);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)]));
}

describe('docs/server.md', () => {
  it('has commands', () => {
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter(({ shown }) => shown !== undefined)).toHaveLength(3);
  });

  it.each(commands)('$name', async ({ command, shown }) => {
    const { path, init } = curlRequest(command);
    const response = await app.request(path, init);
    const answer = await response.text();
    const fails = typeof shown === 'object' && shown !== null && 'error' in shown;
    expect(response.ok, answer).toBe(!fails);
    if (shown !== undefined) expect(JSON.parse(answer)).toEqual(rounded(shown));
  });

  it("shows a program with OpenAI's client that works", async () => {
    const source = blocks.find(({ language }) => language === 'ts')?.text ?? '';
    class Local extends OpenAI {
      constructor(options: ConstructorParameters<typeof OpenAI>[0]) {
        const send: typeof fetch = async (address, init) => {
          const headers = new Headers(init?.headers);
          headers.set('host', 'localhost');
          return app.request(String(address), { ...init, headers });
        };
        super({ ...options, fetch: send });
      }
    }
    const printed: unknown[] = [];
    const body = source.replace("import OpenAI from 'openai';", '');
    const run = new Function('OpenAI', 'console', `return (async () => {${body}})();`);
    await run(Local, { log: (value: unknown) => printed.push(value) });
    expect(printed).toEqual([encoder.width]);
  });
});
