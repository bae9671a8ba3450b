import { z } from 'zod';
import { firstIssue, quote } from '../files/errors.ts';
import { isCommit } from './cache/cache.ts';
import type { TreeEntry } from './cache/treeCache.ts';
import { isFetchable } from './fileNames.ts';
import { UnexpectedAnswer } from './hubError.ts';
import type { HubClient } from './transfer/client.ts';
import { readJsonBody } from './transfer/readBody.ts';
import { type RetryOptions, withRetries } from './transfer/retry.ts';

/** What a model's page and one page of its listing may take: the largest known ones take a tenth of it. */
const MAX_ANSWER = 32 * 2 ** 20;
/** A page has up to 1,000 entries. */
const MAX_PAGES = 200;

const commitSchema = z.object({ sha: z.string().refine(isCommit, 'not a commit') });
const fileSchema = z.object({
  type: z.string(),
  path: z.string(),
  size: z.int().min(0).optional(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
  xetHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .catch(undefined),
});

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnexpectedAnswer(firstIssue(parsed.error, 'the answer'), { cause: parsed.error });
}

const modelUrl = (endpoint: string, name: string): string => `${endpoint}/api/models/${name}`;

/** The commit that a branch, tag or shortened commit stands at. */
export async function askCommit(
  client: HubClient,
  { endpoint, name, revision }: { endpoint: string; name: string; revision: string },
  timeout: number,
): Promise<string> {
  const url = `${modelUrl(endpoint, name)}/revision/${encodeURIComponent(revision)}`;
  return parse(commitSchema, await readJsonBody(await client.get(url, { timeout }), MAX_ANSWER)).sha;
}

/** The address after `rel="next"` in a Link header. */
function nextPage(link: string | undefined, base: string): string | undefined {
  for (const [, target, rest] of (link ?? '').matchAll(/<([^>]*)>([^,<]*)/g))
    if (target && /;\s*rel="?next"?/i.test(rest ?? '') && URL.canParse(target, base))
      return new URL(target, base).href;
  return undefined;
}

function addPage(page: unknown, entries: Map<string, TreeEntry>): void {
  for (const { type, path, size, oid, lfs, xetHash } of parse(z.array(fileSchema), page)) {
    const fetchable = isFetchable(path, (fault) => new UnexpectedAnswer(`its list of files has ${fault}`));
    if (type !== 'file' || !fetchable) continue;
    if (entries.has(path)) throw new UnexpectedAnswer(`its list of files names ${quote(path)} twice`);
    if (size === undefined) throw new UnexpectedAnswer(`its list of files has no size for ${quote(path)}`);
    entries.set(path, {
      size,
      blob_id: oid,
      ...(lfs && { lfs_sha256: lfs.oid, lfs_size: lfs.size }),
      ...(xetHash !== undefined && { xet_hash: xetHash }),
    });
  }
}

/**
 * All files of a commit, in all folders. Nothing has been made yet when a name in it is one that leaves its folder.
 * @throws UnexpectedAnswer for names that no repository can hold, a list without end, and what is no list.
 */
export async function listFiles(
  client: HubClient,
  { endpoint, name, commit }: { endpoint: string; name: string; commit: string },
  { timeout, ...retry }: RetryOptions & { timeout: number },
): Promise<Record<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  const seen = new Set<string>();
  let url: string | undefined = `${modelUrl(endpoint, name)}/tree/${commit}?recursive=true&expand=false`;
  while (url !== undefined) {
    const page: string = url;
    if (seen.has(page) || seen.size >= MAX_PAGES)
      throw new UnexpectedAnswer(`its list of files does not end after ${seen.size} pages`);
    seen.add(page);
    const { body, next } = await withRetries(async () => {
      const answer = await client.get(page, { timeout });
      const body = await readJsonBody(answer, MAX_ANSWER);
      return { body, next: nextPage(answer.header('link'), answer.url) };
    }, retry);
    addPage(body, entries);
    url = next;
  }
  return Object.fromEntries(entries);
}
