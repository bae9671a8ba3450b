import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { locatePackage } from '../datasets/emoji/packages.ts';
import { exportGraphs } from '../src/checkpoint/export/onnxGraphs.ts';
import { EMBEDDED_MODEL, load, openModelDirectory } from '../src/index.ts';
import { inputNames } from '../src/tensor/index.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const files = readdirSync(EXAMPLES).filter((file) => file !== 'README.md');
const read = (file: string): string => readFileSync(join(EXAMPLES, file), 'utf8');

/** Sub-folders of pictures that the embedded model knows, by code point. */
const PICTURES = {
  animals: { lion: '1f981', otter: '1f9a6', tiger: '1f405', leopard: '1f406' },
  traffic: { bus: '1f68c', minibus: '1f690', train: '1f686', tram: '1f68a' },
};

const root = mkdtempSync(join(tmpdir(), 'siglip2-examples-'));
const photos = join(root, 'photos');
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeAll(() => {
  const { directory } = locatePackage('emoji-datasource-google');
  for (const [folder, pictures] of Object.entries(PICTURES)) {
    mkdirSync(join(photos, folder), { recursive: true });
    for (const [name, code] of Object.entries(pictures))
      copyFileSync(join(directory, `img/google/64/${code}.png`), join(photos, folder, `${name}.png`));
  }
});

const { argv } = process;
afterEach(() => {
  process.argv = argv;
  vi.restoreAllMocks();
});

/** Runs an example as a program, in this process. @returns the lines that it prints */
async function run(name: string, ...args: readonly string[]): Promise<string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  process.argv = [argv[0]!, join(EXAMPLES, `${name}.ts`), ...args];
  await import(`../examples/${name}.ts`);
  return log.mock.calls.map(([line]) => String(line));
}

describe('examples', () => {
  it('are short, say what they are for, and import what everybody can', () => {
    for (const file of files) {
      const text = read(file);
      expect(text.trimEnd().split('\n').length, file).toBeLessThanOrEqual(60);
      expect(read('README.md'), file).toContain(`(${file})`);
      if (!file.endsWith('.ts')) continue;
      const imported = [...text.matchAll(/from '(.*)'/g)].map((match) => match[1]!);
      expect(
        imported.filter((name) => !/^(siglip2(\/\w+)?|node:[\w/]+|sharp)$/.test(name)),
        file,
      ).toEqual([]);
      if (!file.startsWith('own')) expect(text, file).toContain(`npx tsx examples/${file} `);
    }
  });

  it('searchFolder: the best picture first', async () => {
    const lines = await run('searchFolder', photos, 'тигр');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^ *\d+\.\d % {2}.*animals\/tiger\.png$/);
  });

  it('tagFolder: a line a picture, with the tags that fit', async () => {
    const lines = (await run('tagFolder', photos, 'otter, Banane')).map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(8);
    expect(lines).toContainEqual({ file: 'animals/otter.png', tags: { otter: expect.any(Number) } });
    expect(lines).toContainEqual({ file: 'traffic/tram.png', tags: {} });
  });

  it('nearDuplicates: the copy and nothing else', async () => {
    const copy = join(photos, 'copy.jpg');
    await sharp(join(photos, 'animals/otter.png')).flatten({ background: 'white' }).resize(50).toFile(copy);
    const lines = await run('nearDuplicates', photos);
    rmSync(copy);
    const groups = [expect.stringMatching(/animals\/otter\.png {2}0\.9\d\d .*copy\.jpg$/)];
    expect(lines).toEqual(groups);
  });

  it('heatmap: where the text is', async () => {
    const [scene, output] = [join(root, 'scene.png'), join(root, 'heat.png')];
    const bus = await sharp(join(photos, 'traffic/bus.png')).resize(120).toBuffer();
    const otter = await sharp(join(photos, 'animals/otter.png')).resize(120).toBuffer();
    const white = { width: 240, height: 240, channels: 3, background: 'white' } as const;
    const parts = [
      { input: otter, left: 0, top: 0 },
      { input: bus, left: 120, top: 120 },
    ];
    await sharp({ create: white }).composite(parts).toFile(scene);
    const [line] = await run('heatmap', scene, 'autobús', output);
    expect(line).toMatch(/^“autobús” fits best at ([5-9]\d) %, ([5-9]\d) % \(cosine 0\.\d\d\); see /);
    const { data } = await sharp(output).greyscale().raw().toBuffer({ resolveWithObject: true });
    const brightness = (x: number, y: number) => data[y * 240 + x]!;
    expect(brightness(10, 230)).toBeLessThan(200);
    expect(existsSync(output)).toBe(true);
  });

  it('linearProbe: learns from some pictures what others show', async () => {
    const file = join(root, 'probe.safetensors');
    expect(await run('linearProbe', photos, file)).toEqual(['2 of 2 right; by chance 1.0']);
    expect(existsSync(file)).toBe(true);
  });

  it('finetune: leaves a model that loads', async () => {
    const lines = await run('finetune', photos, join(root, 'tuned'), '2');
    expect(lines.slice(0, -1)).toEqual([
      expect.stringMatching(/^step 1: loss \d/),
      expect.stringMatching(/^step 2: loss \d/),
    ]);
    const encoder = await load(join(root, 'tuned/model'));
    expect((await encoder.embedTexts(['bus'])).shape).toEqual([1, encoder.width]);
    await encoder.dispose();
  });

  it('onnx.py: feeds the inputs of an export, and reads one of its outputs', async () => {
    const { config, weights } = await openModelDirectory(EMBEDDED_MODEL);
    await weights.close();
    const { outputs, parameters } = exportGraphs(config, 'float32').model;
    const inputs = inputNames(Object.values(outputs)).filter((name) => !parameters.has(name));
    const text = read('onnx.py');
    expect([...text.matchAll(/"(\w+)": (?:np|pixels)/g)].map((match) => match[1]).sort()).toEqual(
      inputs.sort(),
    );
    expect(Object.keys(outputs)).toContain(/session\.run\(\["(\w+)"\]/.exec(text)![1]);
  });
});
