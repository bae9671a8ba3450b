import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { openTo } from '../../src/server/access/openPaths.ts';
import { cli } from '../cli/testIo.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Instructions of the Dockerfile, each on one line. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => line.trim());
const argumentsOf = (name: string): string[] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
const list = (text: string | undefined): string[] => z.array(z.string()).parse(JSON.parse(text ?? ''));

/** The options of a command line that the command has no help for. */
async function unknownOptions([command = '', ...args]: readonly string[]): Promise<string[]> {
  const { out } = await cli([command, '--help']);
  const known = new Set([...out.matchAll(/--[a-z-]+/g)].map(([name]) => name));
  return args.flatMap((one) => /^--[a-z-]+/.exec(one) ?? []).filter((name) => !known.has(name));
}

describe('Dockerfile', () => {
  it('is pinned, runs as nobody in particular, and keeps all that it writes in a volume', () => {
    expect(argumentsOf('ARG')[0]).toMatch(/^NODE=node:20\.[\d.]+-\w+-slim@sha256:[0-9a-f]{64}$/);
    expect(argumentsOf('FROM').every((from) => /^\$\{NODE\}/.test(from))).toBe(true);
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
    expect(argumentsOf('VOLUME')).toEqual(['/data']);
    const paths = [
      ...argumentsOf('ENV')
        .join(' ')
        .matchAll(/=(\/\S+)/g),
    ].map((match) => match[1]!);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) expect(path).toMatch(/^\/data\b/);
  });

  it('has the packages that run, from the lock file, and runs no script of theirs', () => {
    const installs = argumentsOf('RUN').filter((line) => line.includes('npm '));
    expect(installs.map((line) => line.split(/\s+&&/)[0])).toEqual([
      'npm ci --ignore-scripts',
      'npm ci --omit=dev --ignore-scripts',
    ]);
  });

  it('copies what is there, and all that the package has to run', () => {
    const copied = argumentsOf('COPY').filter((line) => !line.startsWith('--from') && line !== '. .');
    const sources = copied.flatMap((line) => line.split(/\s+/).slice(0, -1));
    const sent = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const source of [...sources, ...sent]) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(sent).toContain(source);
    }
    // Everything else stays outside, what is added to the repository among it.
    expect(
      read('.dockerignore')
        .split('\n')
        .find((line) => !/^(#|$)/.test(line)),
    ).toBe('*');
    const targets = argumentsOf('COPY').join('\n');
    for (const part of ['./node_modules', './dist', './web/dist', './bin', './models', 'package.json'])
      expect(targets).toContain(part);
  });

  it('starts the command with options that it has, and asks an address that is open to all', async () => {
    expect(list(argumentsOf('ENTRYPOINT')[0])).toEqual(['node', '/siglip2/bin/siglip2.js']);
    const command = list(argumentsOf('CMD')[0]);
    expect(command[0]).toBe('serve');
    expect(await unknownOptions(command)).toEqual([]);
    const port = command[command.indexOf('--port') + 1];
    expect(argumentsOf('EXPOSE')).toEqual([port]);
    const [, asked, path] = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(argumentsOf('HEALTHCHECK')[0]!)!;
    expect(asked).toBe(port);
    expect(openTo(undefined)('GET', path!)).toBe(true);
  });
});

const mount = z.object({ type: z.string(), target: z.string(), read_only: z.boolean() });
const service = z.looseObject({
  image: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.array(z.string()),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  volumes: z.array(z.union([z.string(), mount])),
  ports: z.array(z.string()).default([]),
});
const compose = z
  .object({
    services: z.object({ server: service, index: service, database: service }),
    networks: z.record(z.string(), z.unknown()),
    volumes: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  .parse(parse(read('compose.yaml'), { merge: true }));

describe('compose.yaml', () => {
  const { server, index, database } = compose.services;

  it('gives no service more than it needs', () => {
    for (const one of [server, index, database]) {
      expect(one.security_opt).toEqual(['no-new-privileges:true']);
      expect(one['privileged'] ?? one['cap_add']).toBeUndefined();
    }
    expect(database['user']).toMatch(/^[1-9]\d*:/);
    expect(server['user'] ?? index['user']).toBeUndefined();
    expect(server.ports).toEqual(['127.0.0.1:7272:7272']);
    expect(database.ports).toEqual([]);
    expect(compose.networks['inside']).toEqual({ internal: true });
    expect(database['networks']).toEqual(['inside']);
    for (const { volumes } of [server, index])
      expect(volumes).toContainEqual(expect.objectContaining({ target: '/pictures', read_only: true }));
  });

  it('keeps secrets in files that git ignores', () => {
    const ignored = read('.gitignore').split('\n');
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    expect(ignored).toContain('/secrets/');
    for (const { environment, secrets } of [server, index, database]) {
      for (const name of secrets) expect(compose.secrets).toHaveProperty(name);
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD/.test(name)) expect(value).toBe('/run/secrets/database_password');
      expect(JSON.stringify(environment)).not.toMatch(/:\/\/[^/@]*:[^/@]*@/);
    }
  });

  it('starts commands with options that they have, the server with its keys', async () => {
    for (const { command = [] } of [server, index]) expect(await unknownOptions(command)).toEqual([]);
    expect(server.command).toContain('--api-keys-file=/run/secrets/api_keys');
    expect(server['depends_on']).toEqual({ database: { condition: 'service_healthy' } });
  });
});
