import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { apiKeysOf } from '../../src/cli/apiKeys.ts';
import { temporaryFolder } from './models.ts';
import { cli } from './testIo.ts';

const folder = temporaryFolder();
const file = join(folder, 'keys.txt');
const keys = ['key-on-the-command-line', 'key-in-a-file-000', 'key-of-the-environment'] as const;
writeFileSync(file, `${keys[1]}\n`);

afterEach(() => vi.unstubAllEnvs());

/** The one line of a command that stops before anything is loaded. */
async function failure(...args: string[]): Promise<string> {
  const { code, err } = await cli(['serve', '--model', join(folder, 'nowhere'), '--port', '0', ...args]);
  expect(code).toBeGreaterThan(0);
  return err;
}

describe('siglip2 serve', () => {
  it('takes keys from the command line, a file and the environment together', () => {
    const env = { SIGLIP2_API_KEYS: ` ${keys[2]},another-key-of-it\n` };
    expect(apiKeysOf({ apiKey: [keys[0]], apiKeysFile: file }, env)).toEqual([...keys, 'another-key-of-it']);
    expect(apiKeysOf({ apiKey: [] }, {})).toEqual([]);
  });

  it('does not start open where keys were meant', async () => {
    expect(await failure('--api-keys-file', join(folder, 'none'))).toMatch(/none: the keys cannot be read/);
    vi.stubEnv('SIGLIP2_API_KEYS', '');
    expect(await failure()).toMatch(/SIGLIP2_API_KEYS is set, but has no key/);
  });

  it('says what is wrong before it loads a model, and never a key', async () => {
    const short = await failure('--api-key', keys[0], 'tiny-key');
    expect(short).toMatch(/the API key 2 of 2 has 8 characters/);
    expect(short).not.toMatch(/tiny/);
    expect(await failure('--cors', '*')).toMatch(/origin \* needs API keys/);
    expect(await failure('--cors', 'app.example')).toMatch(/"app\.example" is none/);
    expect(await failure('--trusted-proxy', 'box')).toMatch(/"box" is no address/);
  });

  it('says in its help who can read a key on the command line', async () => {
    const { out } = await cli(['serve', '--help']);
    expect(out).toMatch(/--api-key <key\.\.\.>.*list of\s+processes/s);
    for (const option of ['--api-keys-file', '--cors', '--trusted-proxy', '--image-urls', 'SIGLIP2_API_KEYS'])
      expect(out).toContain(option);
  });
});
