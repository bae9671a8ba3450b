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
  'train',
  'evaluate',
  'search',
  'server',
  'cli',
  'index',
];

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

interface SourceFile {
  /** Path relative to src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(SOURCE, path), 'utf8') }));

/** `encoder.ts` and `encoder/…` are one room. */
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
        .filter((target) => /^tensor\/(onnx|primitives|session)\//.test(target))
        .map((target) => `${file.path} imports ${target}`),
      ...importsOf(file.text)
        .filter((name) => /^(onnxruntime|protobufjs|koffi)/.test(name))
        // TensorBoard's event files are protocol buffers too.
        .filter((name) => !(name === 'protobufjs' && file.path.startsWith('train/tensorboard/')))
        .map((name) => `${file.path} imports ${name}`),
    ]);
    expect(wrong).toEqual([]);
  });

  it('and nothing above names one of its operators', () => {
    const emitted = files
      .filter(({ path }) => path.startsWith('tensor/primitives/'))
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
