/**
 * How long `siglip2 index` takes to find that nothing has changed: `npx tsx bench/indexCompare.ts [files] [memory:|folder]`.
 * Empty files stand for pictures: they are looked at, and not opened.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../src/search/collection/change.ts';
import { compare } from '../src/search/indexing/listing/compare.ts';
import { listScope } from '../src/search/indexing/listing/listScope.ts';
import { scopeOf } from '../src/search/indexing/listing/scope.ts';
import { openCollection } from '../src/search/stores/stores.ts';

const count = Number(process.argv[2] ?? 200_000);
const folder = mkdtempSync(join(tmpdir(), 'siglip2-compare-'));
const location = process.argv[3] === 'folder' ? join(folder, 'collections') : 'memory:compare';
const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;

try {
  const root = join(folder, 'pictures');
  const changes: Change[] = [];
  const vector = new Float32Array(8).fill(8 ** -0.5);
  for (let i = 0; i < count; i++) {
    const below = join(root, String(Math.floor(i / 500)).padStart(5, '0'));
    if (i % 500 === 0) mkdirSync(below, { recursive: true });
    const path = join(below, `IMG_${i}.jpg`);
    writeFileSync(path, '');
    const { size, mtimeMs } = statSync(path);
    const file = {
      path,
      bytes: size,
      modified: Math.round(mtimeMs),
      hash: i.toString(16).padStart(64, '0'),
      how: '',
    };
    changes.push({ kind: 'file', file, pictures: [{ kind: 'image', at: 0, width: 8, height: 8, vector }] });
  }
  const collection = await openCollection(location, { name: 'compare', create: true });
  const model = await collection.addModel({ name: 'none', width: 8, probe: vector });
  let start = performance.now();
  const batch = location.startsWith('memory') ? count : 10_000;
  for (let at = 0; at < count; at += batch) await collection.write(model.id, changes.slice(at, at + batch));
  console.log(`written: ${count} files in ${seconds(start)}`);
  changes.length = 0;
  start = performance.now();
  const scope = await scopeOf([root]);
  const { paths } = await listScope(scope, { takes: () => true, exclude: [], insideOnly: false });
  console.log(`listed: ${paths.length} in ${seconds(start)}`);
  start = performance.now();
  const { unchanged } = await compare(collection, model.id, scope, paths, {
    howOf: () => '',
    retryBad: false,
    isPart: () => false,
  });
  console.log(`compared: ${unchanged} unchanged in ${seconds(start)}`);
  console.log(`highest memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
  await collection.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
