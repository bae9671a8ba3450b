import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rooms of src/, in order: each imports only from itself and from those before it. */
const ROOMS = [
  'tensor',
  'nn',
  'model',
  'input',
  'checkpoint',
  'encoder',
  'data',
  'evaluate',
  'train',
  'search',
  'server',
  'cli',
  // Names from before the faces were parted, for one release.
  'deprecated',
  'index',
];

/** Folders and cycles that are still wrong. This list may only get shorter. */
const KNOWN_FAULTS = {
  large: [],
  folderCycles: ['train/step/sparse ↔ train/step/state'],
  fileCycles: [],
};

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

interface SourceFile {
  /** Path relative to src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(SOURCE, path), 'utf8') }));

const roomOf = (path: string): string => path.split('/')[0]!.replace(/\.ts$/, '');

/** Module names in static imports, re-exports and dynamic imports. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g)].map((match) => match[1]!);

/** Targets inside src/ of a file's imports, relative to src/. */
const localImports = ({ path, text }: SourceFile): string[] =>
  importsOf(text)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(SOURCE, normalize(join(SOURCE, dirname(path), name))))
    .map((target) => target.split(sep).join('/'));

/** Two folders, cut off after the first part in which they differ. */
function apart(a: string, b: string): readonly [string, string] {
  const [from, to] = [a.split('/'), b.split('/')];
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [from.slice(0, shared + 1).join('/'), to.slice(0, shared + 1).join('/')];
}

/** Groups of files that reach each other (Tarjan's strongly connected components), their names joined. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle.sort().join(' '));
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found.sort();
}

describe('the house', () => {
  it('has sources, and the imports of a known file are found', () => {
    expect(files.length).toBeGreaterThan(50);
    const face = files.find(({ path }) => path === 'nn/layers.ts')!;
    expect(localImports(face)).toEqual(['tensor/index.ts', 'nn/parameters.ts']);
    expect(importsOf(`await import('./a.ts'); export * from './b.ts'; import './c.ts';`)).toEqual([
      './a.ts',
      './b.ts',
      './c.ts',
    ]);
  });

  it('has only the rooms of the list', () => {
    expect(
      [...new Set(files.map(({ path }) => roomOf(path)))].filter((room) => !ROOMS.includes(room)),
    ).toEqual([]);
  });

  it('lets a room import only from itself and the rooms before it', () => {
    const wrong = files.flatMap((file) =>
      localImports(file)
        .filter((target) => !(ROOMS.indexOf(roomOf(target)) <= ROOMS.indexOf(roomOf(file.path))))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has at most twelve files in a folder, beside its face', () => {
    const counts = new Map<string, number>();
    for (const { path } of files.filter(({ path }) => !path.endsWith('index.ts')))
      counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].flatMap(([folder, count]) => (count > 12 ? [folder] : []))).toEqual(
      KNOWN_FAULTS.large,
    );
  });

  it('has names in camelCase', () => {
    expect(
      files
        .map(({ path }) => path)
        .filter((path) => !/^([a-z][A-Za-z0-9]*\/)*[a-z][A-Za-z0-9]*\.ts$/.test(path)),
    ).toEqual([]);
  });

  it('has no two folders side by side that import each other', () => {
    const arrows = new Set<string>();
    for (const file of files)
      for (const target of localImports(file)) {
        const [from, to] = apart(dirname(file.path), dirname(target));
        if (from !== to && !from.startsWith(`${to}/`) && !to.startsWith(`${from}/`))
          arrows.add(`${from} ${to}`);
      }
    const cycles = [...arrows].flatMap((arrow) => {
      const [from, to] = arrow.split(' ') as [string, string];
      return from < to && arrows.has(`${to} ${from}`) ? [`${from} ↔ ${to}`] : [];
    });
    expect(cycles.sort()).toEqual(KNOWN_FAULTS.folderCycles);
  });

  it('has no files that import each other in a circle, types included', () => {
    expect(circles(new Map(files.map((file) => [file.path, localImports(file)])))).toEqual(
      KNOWN_FAULTS.fileCycles,
    );
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b c']);
  });

  it('says where a thing lives: only a face re-exports', () => {
    const wrong = files.filter(
      ({ path, text }) =>
        !/(^|\/)index\.ts$|^deprecated\.ts$/.test(path) && /^export [^\n]*\bfrom '/m.test(text),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('reads files of a median length under 150 lines', () => {
    const lengths = files.map(({ text }) => text.split('\n').length - 1).sort((a, b) => a - b);
    expect(lengths[lengths.length >> 1]).toBeLessThan(150);
  });
});

describe('only src/tensor knows ONNX', () => {
  const above = files.filter(({ path }) => roomOf(path) !== 'tensor');

  it('so nothing above imports its executor', () => {
    const wrong = above.flatMap((file) => [
      ...localImports(file)
        .filter((target) => /^tensor\/(onnx|primitives|blockwise|emit|engines)\//.test(target))
        .map((target) => `${file.path} imports ${target}`),
      ...importsOf(file.text)
        .filter((name) => /^(onnxruntime|protobufjs|koffi)/.test(name))
        // TensorBoard's event files are protocol buffers too.
        .filter((name) => !(name === 'protobufjs' && file.path.startsWith('train/run/tensorboard/')))
        .map((name) => `${file.path} imports ${name}`),
    ]);
    expect(wrong).toEqual([]);
  });

  it('and nothing above names one of its operators', () => {
    const emitted = files
      .filter(({ path }) => /^tensor\/(primitives|blockwise)\//.test(path))
      .flatMap(({ text }) => [...text.matchAll(/\b(?:op|multi|contrib|direct)\(\s*'(\w+)'/g)])
      .map((match) => match[1]!);
    // One-word names such as Add or Range are ordinary words (and HTTP headers) too.
    const operators = new Set(emitted.filter((name) => /[a-z][A-Z]/.test(name) || name === 'Gemm'));
    expect([...operators]).toEqual(expect.arrayContaining(['MatMul', 'LayerNormalization', 'Gemm']));
    const wrong = above.flatMap(({ path, text }) =>
      [...text.matchAll(/['"`](\w+)['"`]/g)]
        .filter((match) => operators.has(match[1]!))
        .map((match) => `${path} names ${match[1]}`),
    );
    expect(wrong).toEqual([]);
  });
});
