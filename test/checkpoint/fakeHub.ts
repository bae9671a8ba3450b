import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface FakeModel {
  commit: string;
  files: Record<string, Buffer>;
  /** Every question without the token is answered 401, as for a model that does not exist. */
  hidden?: boolean;
  /** Listed for all, but files need the token. */
  gated?: boolean;
}

/** A loopback server that answers as the Hugging Face hub does, with faults to order. */
export interface FakeHub {
  readonly url: string;
  readonly models: Map<string, FakeModel>;
  /** Requests so far: method, path and range. */
  readonly log: string[];
  /** Authorization headers that reached the content network. */
  readonly leaked: string[];
  /** For the next content responses longer than this: cut the body after so many bytes, drop the connection. */
  readonly cuts: number[];
  /** Cut bodies end as if they were whole, with no length announced: the connection is closed, not broken. */
  closeQuietly: boolean;
  /** Answer the next questions about models with these texts. */
  readonly answers: string[];
  /** Answer the next content requests with these statuses. */
  readonly statuses: number[];
  /** Ignore range requests, as some proxies do. */
  ignoreRange: boolean;
  /** Flip a byte of all content. */
  corrupt: boolean;
  stop(): Promise<void>;
}

export const TOKEN = 'hf_secret';
/** Files larger than this are stored apart, behind a redirect. */
const LARGE = 1000;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitOid = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
const isLarge = (bytes: Buffer) => bytes.length > LARGE;
export const etagOf = (bytes: Buffer): string => (isLarge(bytes) ? sha256(bytes) : gitOid(bytes));

const listen = (server: Server): Promise<string> =>
  new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

function refuse(response: ServerResponse, status: number, code: string) {
  response.writeHead(status, { 'content-type': 'application/json', 'x-error-code': code });
  response.end(JSON.stringify({ error: code }));
}

function sendContent(hub: FakeHub, bytes: Buffer, request: IncomingMessage, response: ServerResponse) {
  const status = hub.statuses.shift();
  if (status !== undefined) return refuse(response, status, 'Fault');
  const range = hub.ignoreRange ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  if (from >= bytes.length) return refuse(response, 416, 'Range');
  const content = Buffer.from(bytes.subarray(from));
  if (hub.corrupt) content[content.length - 1]! ^= 1;
  response.writeHead(range ? 206 : 200, {
    etag: `"${etagOf(bytes)}"`,
    'accept-ranges': 'bytes',
    ...(!hub.closeQuietly && { 'content-length': content.length }),
    ...(range && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  const cut = (hub.cuts[0] ?? Number.POSITIVE_INFINITY) < content.length ? hub.cuts.shift() : undefined;
  if (cut === undefined) return response.end(content);
  if (hub.closeQuietly) return response.end(content.subarray(0, cut));
  // A client drops what it has not read yet when the connection breaks, so a busy one gets time to read.
  response.write(content.subarray(0, cut), () => setTimeout(() => response.destroy(), 300));
}

function resolveFile(
  hub: FakeHub,
  cdn: string,
  model: FakeModel,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const bytes = model.files[path];
  if (!bytes) return refuse(response, 404, 'EntryNotFound');
  response.setHeader('x-repo-commit', model.commit);
  if (!isLarge(bytes)) return sendContent(hub, bytes, request, response);
  const etag = sha256(bytes);
  response.writeHead(302, {
    location: `${cdn}/${etag}`,
    'x-linked-etag': `"${etag}"`,
    'x-linked-size': bytes.length,
  });
  response.end();
}

function answer(hub: FakeHub, cdn: string, request: IncomingMessage, response: ServerResponse) {
  const { pathname } = new URL(request.url ?? '', 'http://hub');
  hub.log.push(`${request.method} ${pathname}${request.headers.range ? ` ${request.headers.range}` : ''}`);
  const [, name = ''] = /^(?:\/api\/models)?\/([^/]+\/[^/]+)/.exec(pathname) ?? [];
  const model = hub.models.get(name);
  const rest = pathname.slice(pathname.indexOf(name) + name.length);
  const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
  if (!model) return refuse(response, 404, 'RepoNotFound');
  if (model.hidden && !authorized) return refuse(response, 401, 'RepoNotFound');
  const [, action, revision = '', path = ''] =
    /^\/(revision|tree|resolve)\/([^/]+)(?:\/(.*))?$/.exec(rest) ?? [];
  if (revision !== 'main' && revision !== model.commit) return refuse(response, 404, 'RevisionNotFound');
  if (action === 'resolve') {
    if (model.gated && !authorized) return refuse(response, 401, 'GatedRepo');
    return resolveFile(hub, cdn, model, path, request, response);
  }
  response.setHeader('content-type', 'application/json');
  const ordered = hub.answers.shift();
  if (ordered !== undefined) return response.end(ordered);
  if (action === 'revision')
    return response.end(JSON.stringify({ _id: '1', id: name, sha: model.commit, siblings: [] }));
  const tree = Object.entries(model.files).map(([file, bytes]) => ({
    type: 'file',
    path: file,
    size: bytes.length,
    oid: gitOid(bytes),
    ...(isLarge(bytes) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } }),
  }));
  response.end(JSON.stringify([...tree, { type: 'directory', path: 'onnx', size: 0, oid: '0'.repeat(40) }]));
}

/** Starts a hub and, on another port and so another origin, its content network; both end with the tests. */
export async function startFakeHub(): Promise<FakeHub> {
  const content = createServer((request, response) => {
    const etag = (request.url ?? '').slice(1);
    hub.log.push(`${request.method} cdn${request.headers.range ? ` ${request.headers.range}` : ''}`);
    if (request.headers.authorization) hub.leaked.push(request.headers.authorization);
    const all = [...hub.models.values()].flatMap(({ files }) => Object.values(files));
    const bytes = all.find((candidate) => sha256(candidate) === etag);
    if (bytes) sendContent(hub, bytes, request, response);
    else refuse(response, 404, 'EntryNotFound');
  });
  const cdn = await listen(content);
  const server = createServer((request, response) => answer(hub, cdn, request, response));
  const url = await listen(server);
  const stop = async () => {
    for (const each of [server, content]) {
      each.closeAllConnections();
      await new Promise((done) => each.close(done));
    }
  };
  const hub: FakeHub = {
    url,
    models: new Map(),
    log: [],
    leaked: [],
    cuts: [],
    closeQuietly: false,
    answers: [],
    statuses: [],
    ignoreRange: false,
    corrupt: false,
    stop,
  };
  afterAll(stop);
  return hub;
}
