import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as limits from '../../src/server/requests/limits.ts';
import { cli } from '../cli/testIo.ts';

const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
const MIB = 2 ** 20;

const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!);

/** Command lines of ours, joined where they are broken, without what follows `#`. */
const commands = [...blocks('sh'), ...blocks('ini')]
  .flatMap((block) => block.replace(/\\\n/g, ' ').split('\n'))
  .map(
    (line) =>
      /(?:^|siglip2\.js |-e \S+ )\s*(?:siglip2 )?((?:serve|index|search) .*)/.exec(
        line.replace(/ #.*/, ''),
      )?.[1],
  )
  .filter((line) => line !== undefined);

describe('docs/deploy.md', () => {
  it('names options that there are', async () => {
    expect(commands.length).toBeGreaterThan(3);
    for (const line of commands) {
      const { out } = await cli([line.split(' ')[0]!, '--help']);
      for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(out, line).toContain(`${option} `);
    }
  });

  it('lets proxies pass what the server takes, for as long as it may need', () => {
    const largest = Math.max(
      ...Object.entries(limits).map(([name, value]) =>
        name.endsWith('BODY_BYTES') && typeof value === 'number' ? value : 0,
      ),
    );
    const [nginx = '', caddy = ''] = [blocks('nginx')[0], blocks('caddy')[0]];
    expect(Number(/client_max_body_size (\d+)m;/.exec(nginx)?.[1]) * MIB).toBeGreaterThanOrEqual(largest);
    expect(Number(/max_size (\d+)MiB/.exec(caddy)?.[1]) * MIB).toBeGreaterThanOrEqual(largest);
    expect(nginx).toMatch(/proxy_buffering off;/);
    expect(nginx).toMatch(/Host \$http_host;/);
    const stop = Number(/TimeoutStopSec=(\d+)/.exec(page)?.[1]);
    expect(stop * 1000).toBeGreaterThan(limits.FINISH_MS);
  });

  it('says the limits that hold', () => {
    expect(page).toContain(
      `may have ${limits.LIMITS.imageBytes / MIB} MiB and take 15 s; ${limits.SHARED.fetches} are`,
    );
    for (const path of ['/health', '/ready', '/v1/session', '/v1/login', '/v1/logout'])
      expect(page).toContain(`\`${path}\``);
  });
});
