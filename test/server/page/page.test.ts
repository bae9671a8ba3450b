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
    const folder = pageFolder();
    const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'));
    const texts = new Map(scripts.map((name) => [name, readFileSync(join(folder, 'assets', name), 'utf8')]));
    const lengthOf = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + texts.get(name)!.length, 0);
    // What is loaded before anything is seen, and all views together.
    const index = readFileSync(join(folder, 'index.html'), 'utf8');
    const first = scripts.filter((name) => index.includes(name));
    expect(first.length).toBeGreaterThan(0);
    expect(lengthOf(first)).toBeLessThan(80_000);
    expect(lengthOf(scripts)).toBeLessThan(200_000);
    for (const [name, script] of texts) {
      // The names of SVG's elements are no address that is asked.
      const own = script.replaceAll('http://www.w3.org/2000/svg', '');
      expect(own, name).not.toMatch(/https?:\/\/|ZodError|node:|openapi\(/);
    }
  });
});
