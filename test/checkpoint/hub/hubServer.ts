import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeModel {
  commit: string;
  files: Record<string, Buffer>;
  /** Further names of the commit: tags, `refs/pr/1`; `main` and the commit itself always are. */
  aliases?: readonly string[];
  /** The name that it has now: every question is sent on there. */
  movedTo?: string;
  /** Entries on a page of the listing; default all. */
  pageSize?: number;
  /** Every question without the token is answered 401, as for a model that does not exist. */
  hidden?: boolean;
  /** Listed for all, but files need the token. */
  gated?: boolean;
}

/** What is asked of the hub: a model's page, its listing, a file; or the content network, or a proxy. */
export type Place = 'info' | 'tree' | 'resolve' | 'cdn' | 'proxy';

/** Something to go wrong with the next question at a place. */
export interface Fault {
  readonly at: Place;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Never answers. */
  readonly silent?: boolean;
  /** How many questions it hits; default one. */
  times?: number;
}

/** One request as it came in. */
export interface SeenRequest {
  /** `hub`, `cdn` or `proxy`. */
  readonly host: string;
  readonly method: string;
  /** Path and query; for a proxy the whole address. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly userAgent: string | undefined;
}

/** A loopback server that answers as the Hugging Face hub does, with faults to order. */
export interface FakeHub {
  readonly url: string;
  /** The content network: another origin. */
  readonly cdn: string;
  /** An HTTP proxy that passes everything on. */
  readonly proxy: string;
  readonly models: Map<string, FakeModel>;
  readonly faults: Fault[];
  readonly requests: SeenRequest[];
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

/** What a hub has, as JSON: for the table of cases that parity/hub.py runs too. */
export interface HubSetting {
  readonly name: string;
  readonly model?: Omit<FakeModel, 'files'> & { readonly files: Readonly<Record<string, string>> };
  /** A second model, where the first has moved. */
  readonly moved?: string;
  readonly faults?: readonly Fault[];
}

/** Forgets everything and takes what is set. */
export function setHub(hub: FakeHub, { name, model, moved, faults = [] }: HubSetting): void {
  hub.models.clear();
  for (const list of [hub.log, hub.leaked, hub.cuts, hub.statuses, hub.answers, hub.faults, hub.requests])
    list.length = 0;
  hub.faults.push(...faults.map((fault) => ({ ...fault })));
  if (!model) return;
  const files = Object.fromEntries(
    Object.entries(model.files).map(([file, text]) => [file, Buffer.from(text)]),
  );
  if (moved === undefined) hub.models.set(name, { ...model, files });
  else {
    hub.models.set(name, { ...model, files, movedTo: moved });
    hub.models.set(moved, { ...model, files });
  }
}

/** What a client did, as far as it can be told from outside. */
export interface HubSummary {
  /** Authorization headers that the hub got, and that the content network got; '' for none. */
  readonly tokens: readonly string[];
  readonly leaked: readonly string[];
  /** Which servers were asked. */
  readonly asked: readonly string[];
}

export function summary({ requests, leaked }: FakeHub): HubSummary {
  const distinct = (all: readonly string[]): string[] => [...new Set(all)].sort();
  const atHub = requests.filter(({ host }) => host === 'hub');
  return {
    tokens: distinct(atHub.map(({ authorization = '' }) => authorization)),
    leaked: distinct(leaked),
    asked: distinct(requests.map(({ host }) => host)),
  };
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

function seen(hub: FakeHub, host: string, { method = '', url = '', headers }: IncomingMessage): void {
  const { authorization, range, 'user-agent': userAgent } = headers;
  hub.requests.push({ host, method, path: url, authorization, range, userAgent });
}

/** Does what was ordered to go wrong at a place; whether anything was. */
function faulted(hub: FakeHub, at: Place, response: ServerResponse): boolean {
  const fault = hub.faults.find((candidate) => candidate.at === at && candidate.times !== 0);
  if (!fault) return false;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.silent) return true;
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers });
  response.end(fault.body ?? '{"error":"fault"}');
  return true;
}

function sendContent(hub: FakeHub, bytes: Buffer, request: IncomingMessage, response: ServerResponse) {
  const status = hub.statuses.shift();
  if (status !== undefined) return refuse(response, status, 'Fault');
  const range = hub.ignoreRange ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  if (from >= bytes.length && from > 0) return refuse(response, 416, 'Range');
  const content = Buffer.from(bytes.subarray(from));
  if (hub.corrupt) content[content.length - 1]! ^= 1;
  if (request.method === 'HEAD') {
    response.writeHead(200, { etag: `"${etagOf(bytes)}"`, 'content-length': bytes.length });
    return response.end();
  }
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

/** A page of the listing, and a link to the next one. */
function sendTree(hub: FakeHub, model: FakeModel, url: URL, response: ServerResponse) {
  const tree = Object.entries(model.files).map(([file, bytes]) => ({
    type: 'file',
    path: file,
    size: bytes.length,
    oid: gitOid(bytes),
    ...(isLarge(bytes) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } }),
  }));
  const all = [...tree, { type: 'directory', path: 'onnx', size: 0, oid: '0'.repeat(40) }];
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const to = from + (model.pageSize ?? all.length);
  if (to < all.length) {
    url.searchParams.set('cursor', String(to));
    response.setHeader('link', `<${hub.url}${url.pathname}${url.search}>; rel="next"`);
  }
  response.end(JSON.stringify(all.slice(from, to)));
}

const ACTIONS = { revision: 'info', tree: 'tree', resolve: 'resolve' } as const;

function answer(hub: FakeHub, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '', hub.url);
  const { pathname } = url;
  seen(hub, 'hub', request);
  hub.log.push(`${request.method} ${pathname}${request.headers.range ? ` ${request.headers.range}` : ''}`);
  const [, api = '', name = ''] = /^(\/api\/models)?\/([^/]+\/[^/]+)/.exec(pathname) ?? [];
  const model = hub.models.get(name);
  const rest = pathname.slice(pathname.indexOf(name) + name.length);
  const [, action, quoted = '', path = ''] =
    /^\/(revision|tree|resolve)\/([^/]+)(?:\/(.*))?$/.exec(rest) ?? [];
  const revision = decodeURIComponent(quoted);
  const place = Object.entries(ACTIONS).find(([word]) => word === action)?.[1];
  if (place && faulted(hub, place, response)) return;
  const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
  if (!model) return refuse(response, 404, 'RepoNotFound');
  if (model.movedTo !== undefined) {
    response.writeHead(307, { location: `${api}/${model.movedTo}${rest}${url.search}` });
    return response.end();
  }
  if (model.hidden && !authorized) return refuse(response, 401, 'RepoNotFound');
  if (!['main', model.commit, ...(model.aliases ?? [])].includes(revision))
    return refuse(response, 404, 'RevisionNotFound');
  if (action === 'resolve') {
    if (model.gated && !authorized) return refuse(response, 401, 'GatedRepo');
    return resolveFile(hub, hub.cdn, model, path, request, response);
  }
  response.setHeader('content-type', 'application/json');
  const ordered = hub.answers.shift();
  if (ordered !== undefined) return response.end(ordered);
  if (action === 'revision')
    return response.end(JSON.stringify({ _id: '1', id: name, sha: model.commit, siblings: [] }));
  sendTree(hub, model, url, response);
}

/** Passes a question on, as a proxy for http does: the whole address stands where otherwise the path is. */
function passOn(hub: FakeHub, request: IncomingMessage, response: ServerResponse) {
  seen(hub, 'proxy', request);
  if (faulted(hub, 'proxy', response)) return;
  const { 'proxy-connection': _, ...headers } = request.headers;
  const onward = send(request.url ?? '', { method: request.method, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end();
}

/** Starts a hub, on another port and so another origin its content network, and a proxy. */
export async function startHubServer(): Promise<FakeHub> {
  const content = createServer((request, response) => {
    const etag = (request.url ?? '').slice(1);
    hub.log.push(`${request.method} cdn${request.headers.range ? ` ${request.headers.range}` : ''}`);
    seen(hub, 'cdn', request);
    if (request.headers.authorization) hub.leaked.push(request.headers.authorization);
    if (faulted(hub, 'cdn', response)) return;
    const all = [...hub.models.values()].flatMap(({ files }) => Object.values(files));
    const bytes = all.find((candidate) => sha256(candidate) === etag);
    if (bytes) sendContent(hub, bytes, request, response);
    else refuse(response, 404, 'EntryNotFound');
  });
  const server = createServer((request, response) => answer(hub, request, response));
  const forward = createServer((request, response) => passOn(hub, request, response));
  forward.on('connect', (request, socket) => {
    seen(hub, 'proxy', request);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  const servers = [server, content, forward];
  const stop = async () => {
    for (const each of servers) {
      each.closeAllConnections();
      await new Promise((done) => each.close(done));
    }
  };
  const hub: FakeHub = {
    url: await listen(server),
    cdn: await listen(content),
    proxy: await listen(forward),
    models: new Map(),
    faults: [],
    requests: [],
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
  return hub;
}
