import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS, SERVER_FOLDER } from '../../../scripts/postgres/wheel.ts';

/** A PostgreSQL of its own on this machine, in a temporary folder; it dies with this process. */
export interface TestServer {
  /** `postgres://…` of a database; without a name, of the one that is always there. */
  address(database?: string): string;
  /** Where its programs and extensions are; they are its own. */
  readonly programs: string;
  start(): Promise<void>;
  /** At once, as in a crash: it recovers when it is started again. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

const PASSWORD = 'a password: %/@';
/** PostgreSQL refuses to run as root: "nobody" runs it then. */
const NOBODY = 65_534;
const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** What is written has to survive the server, but not the machine, and nothing is copied to other servers. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  listen_addresses: '127.0.0.1',
  // Sessions that follow each other closely: those of an old one may still be ending.
  max_connections: '60',
};

/** Ends the server when this process ends, however it does: the pipe to the shell is closed then. */
const WITH_PARENT = '"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server';

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** Its own copy of the programs: the user that runs it may read them, and a test may take an extension away. */
async function copyPrograms(folder: string): Promise<void> {
  const needed = (path: string): boolean =>
    !path.includes(`${PROGRAMS}/`) || /\/(postgres|initdb)$/.test(path);
  await cp(SERVER_FOLDER, join(folder, 'server'), { recursive: true, filter: needed });
}

async function createData(folder: string, programs: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const options = ['--no-sync', '--no-locale', '--encoding=UTF8', '--auth=scram-sha-256'];
  await promisify(execFile)(
    join(programs, 'bin/initdb'),
    [...options, '--username=tester', `--pwfile=${passwordFile}`, '-D', join(folder, 'data')],
    { cwd: folder, ...asUser },
  );
}

/** Waits until it takes connections, as the last line of its lock file says. */
async function untilReady(folder: string, server: ChildProcess): Promise<void> {
  for (;;) {
    const state = await readFile(join(folder, 'data/postmaster.pid'), 'utf8').catch(() => '');
    if (/\nready\s*$/.test(state)) return;
    if (server.exitCode !== null) {
      const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
      throw new Error(`PostgreSQL did not start: ${log}`);
    }
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Creates and starts a server. */
export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'siglip2-postgres-'));
  const programs = join(folder, 'server', PROGRAMS, '..');
  if (asUser.uid !== undefined) await chown(folder, asUser.uid, asUser.gid);
  await copyPrograms(folder);
  await createData(folder, programs);
  const port = await freePort();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null) return;
    running.ref();
    const ended = new Promise((done) => running.once('exit', done));
    running.stdin?.end();
    await ended;
  };
  const start = async (): Promise<void> => {
    const command = [join(programs, 'bin/postgres'), '-D', join(folder, 'data'), '-k', folder];
    const log = join(folder, 'log');
    server = spawn(
      'sh',
      ['-c', `(${WITH_PARENT}) >>'${log}' 2>&1`, 'sh', ...command, '-p', String(port), ...settings],
      {
        cwd: folder,
        stdio: ['pipe', 'ignore', 'ignore'],
        // Ctrl-C is for the tests, which stop it then.
        detached: true,
        ...asUser,
      },
    );
    // It is no reason for the tests to stay.
    server.unref();
    await untilReady(folder, server);
  };
  await start();
  return {
    address: (database = 'postgres') =>
      `postgres://tester:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`,
    programs,
    start,
    stop,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
