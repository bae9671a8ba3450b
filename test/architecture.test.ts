import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  folderCycles: [] as string[],
  fileCycles: [],
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src');

interface SourceFile {
  /** Relative to src/, with forward slashes; of a file outside of src/ relative to the repository. */
  readonly path: string;
  readonly text: string;
}

const filesIn = (folder: string, base: string): SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => ({
      path: relative(base, join(folder, path)).split(sep).join('/'),
      text: readFileSync(join(folder, path), 'utf8'),
    }));

const files: readonly SourceFile[] = filesIn(SOURCE, SOURCE);

const roomOf = (path: string): string => path.split('/')[0]!.replace(/\.ts$/, '');

/** Module names in static imports, re-exports and dynamic imports. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g)].map((match) => match[1]!);

/** Files that a file imports by their path, relative to where its own path starts. */
const localImports = ({ path, text }: SourceFile): string[] =>
  importsOf(text)
    .filter((name) => name.startsWith('.'))
    .map((name) =>
      normalize(join(dirname(path), name))
        .split(sep)
        .join('/'),
    );

/** Folders that have too many files. */
function largeFolders(all: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of all.filter(({ path }) => !path.endsWith('index.ts')))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].flatMap(([folder, count]) => (count > 12 ? [folder] : []));
}

/** Paths with a name that is not in camelCase. */
const oddNames = (all: readonly SourceFile[]): string[] =>
  all.map(({ path }) => path).filter((path) => !/^([a-z][A-Za-z0-9]*\/)*[a-z][A-Za-z0-9]*\.ts$/.test(path));

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

const circlesIn = (all: readonly SourceFile[]): string[] =>
  circles(new Map(all.map((file) => [file.path, localImports(file)])));

/** Pairs of folders side by side that import each other. */
function folderCircles(all: readonly SourceFile[]): string[] {
  const arrows = new Set<string>();
  for (const file of all)
    for (const target of localImports(file)) {
      const [from, to] = apart(dirname(file.path), dirname(target));
      if (from !== to && !from.startsWith(`${to}/`) && !to.startsWith(`${from}/`))
        arrows.add(`${from} ${to}`);
    }
  const cycles = [...arrows].flatMap((arrow) => {
    const [from, to] = arrow.split(' ') as [string, string];
    return from < to && arrows.has(`${to} ${from}`) ? [`${from} ↔ ${to}`] : [];
  });
  return cycles.sort();
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
        // What lies outside of src/ is no room.
        .filter((target) => !ROOMS.slice(0, ROOMS.indexOf(roomOf(file.path)) + 1).includes(roomOf(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has at most twelve files in a folder, beside its face', () => {
    expect(largeFolders(files)).toEqual(KNOWN_FAULTS.large);
  });

  it('has names in camelCase', () => {
    expect(oddNames(files)).toEqual([]);
  });

  it('has no two folders side by side that import each other', () => {
    expect(folderCircles(files)).toEqual(KNOWN_FAULTS.folderCycles);
  });

  it('has no files that import each other in a circle, types included', () => {
    expect(circlesIn(files)).toEqual(KNOWN_FAULTS.fileCycles);
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

/** What uses the package as any program would. */
const OUTSIDE = ['datasets', 'recipes', 'examples'];

/** The faces, by which everything of src/ is imported outside of it: the package's subpaths. */
const FACES = ['', 'tensor/', 'data/', 'train/', 'evaluate/', 'search/', 'server/'].map(
  (room) => `src/${room}index.ts`,
);

describe('outside of src', () => {
  const folders = OUTSIDE.filter((folder) => existsSync(join(ROOT, folder)));
  const outside = folders.flatMap((folder) => filesIn(join(ROOT, folder), ROOT));
  const rootOf = (path: string): string => path.split('/')[0]!;

  it('has files', () => {
    expect(folders).toEqual(expect.arrayContaining(['datasets', 'recipes']));
    expect(outside.length).toBeGreaterThan(50);
  });

  it('data sets, recipes and examples use public faces alone', () => {
    const isAllowed = (from: string, target: string): boolean =>
      FACES.includes(target) ||
      rootOf(from) === rootOf(target) ||
      (rootOf(from) === 'recipes' && /^datasets\/\w+\/index\.ts$/.test(target));
    const wrong = outside.flatMap((file) =>
      localImports(file)
        .filter((target) => !isAllowed(file.path, target))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has small folders, names in camelCase, and no circles', () => {
    expect(largeFolders(outside)).toEqual([]);
    expect(oddNames(outside)).toEqual([]);
    expect(circlesIn(outside)).toEqual([]);
    expect(folderCircles(outside)).toEqual([]);
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

/** Words that stand for nothing here (docs/glossary.md), as a name has them or as a sentence does, and where they may stand. */
const UNUSED_WORDS: readonly {
  readonly word: string;
  readonly pattern: RegExp;
  readonly except: RegExp;
}[] = [
  // Texts and pictures have segments of their own; an old field is named where it is refused.
  {
    word: 'stage',
    pattern: /\bsegments?\b|\b(?:Timeline)?Segments?(?=[A-Z]|\b)/,
    except: /^src\/(?:input\/text|evaluate\/tasks\/segmentation|train\/timeline\/checkTimeline)/,
  },
  {
    word: 'cost',
    pattern: /\b(?:Train|Stage|Chunk|Cached)Plan\b|\bplan(?:Step|Stages|Timeline|Memory|Chunk)\b/,
    except: /^$/,
  },
  // Names of files and fields stay: they are quoted.
  {
    word: 'collection',
    pattern: /\b[Gg]aller(?:y|ies)(?=[\s,.;)])|\bGallery[A-Z]|\b(?:build|open|rank)Gallery\b/,
    except: /^$/,
  },
  { word: 'chunked', pattern: /\b(?:Cached|cached)(?:Objective|Step|Contrastive)/, except: /^$/ },
];

describe('one word for one thing', () => {
  const root = join(SOURCE, '..');
  const documents = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !['glossary.md', 'migration.md'].includes(name))
    .map((name) => ({ path: `docs/${name}`, text: readFileSync(join(root, 'docs', name), 'utf8') }));
  const all = [
    ...files
      .filter(({ path }) => path !== 'deprecated.ts')
      .map(({ path, text }) => ({ path: `src/${path}`, text })),
    ...documents,
  ];

  it.each(UNUSED_WORDS)('$word', ({ word, pattern, except }) => {
    const wrong = all
      .filter(({ path }) => !except.test(path))
      .flatMap(({ path, text }) =>
        text
          .replace(/'[^'\n]*'|`[^`\n]*`/g, (quoted) => (/^`[A-Z]/.test(quoted) ? quoted : ''))
          .split('\n')
          .flatMap((line, i) =>
            pattern.test(line) ? [`${path}:${i + 1} says ${word} otherwise: ${line.trim()}`] : [],
          ),
      );
    expect(wrong).toEqual([]);
  });
});
