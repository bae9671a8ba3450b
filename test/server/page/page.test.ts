import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, describe, expect, it } from 'vitest';
import { addPage, pageFolder } from '../../../src/server/page/page.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-page-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the page’s files', () => {
  it('say how to build the page where nobody did', () => {
    expect(() => pageFolder(join(root, 'web/dist'))).toThrow(/the page is not built .*`npm run prepare` in /);
  });

  it('are served by their names, and asked for again unless their name would change', async () => {
    const folder = join(root, 'dist');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(root, 'secret.txt'), 'beside it');
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'assets/index-1234.js'), 'export {};');
    const app = new Hono();
    addPage(app, folder);
    const page = await app.request('/');
    expect([page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    const etag = page.headers.get('etag')!;
    expect((await app.request('/', { headers: { 'if-none-match': etag } })).status).toBe(304);
    const script = await app.request('/assets/index-1234.js');
    expect([script.headers.get('content-type'), script.headers.get('cache-control')]).toEqual([
      'text/javascript; charset=utf-8',
      'max-age=31536000, immutable',
    ]);
    for (const path of [
      '/secret.txt',
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/assets',
      '/assets/..%5c..%5csecret.txt',
    ])
      expect((await app.request(path)).status, path).toBe(404);
    expect((await app.request('/', { method: 'POST' })).status).toBe(404);
  });

  it('hold the page’s own code, none of the server’s, and ask no other machine', () => {
    const assets = join(pageFolder(), 'assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    expect(scripts).toHaveLength(1);
    const script = readFileSync(join(assets, scripts[0]!), 'utf8');
    expect(script.length).toBeLessThan(20_000);
    expect(script).not.toMatch(/https?:\/\/|ZodError|node:|openapi\(/);
  });
});
