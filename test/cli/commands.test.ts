import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSafetensors } from '../../src/checkpoint/safetensors/reader.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from './models.ts';
import { cli } from './testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'model');
const PICTURES = join(folder, 'pictures');
const engine = ['--model', MODEL, '--threads', '1'];
const TEXTS = ['a cat', 'un chien'];
const DEVICE = /--device is "abacus": expected one of cpu, webgpu, cuda/;
let encoder: Encoder;

const path = (name: string) => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(path(name), text);
  return path(name);
};

/** The one line that a failed command writes. */
async function expectFailure(args: readonly string[], code: number, message: RegExp) {
  const result = await cli(args);
  expect(result.err).toMatch(message);
  expect(result.code).toBe(code);
  expect(result.err.trimEnd().split('\n')).toHaveLength(1);
  expect(result.err).toMatch(/^siglip2: /);
  expect(result.out).toBe('');
}

beforeAll(async () => {
  await saveTinyModel(MODEL);
  mkdirSync(join(PICTURES, 'below'), { recursive: true });
  copyFileSync(IMAGES[0]!, join(PICTURES, 'b.png'));
  copyFileSync(IMAGES[1]!, join(PICTURES, 'below', 'a.png'));
  write('pictures/notes.txt', 'no picture');
  encoder = await load(MODEL, { threads: 1 });
  return () => encoder.dispose();
}, 60_000);

describe('siglip2', () => {
  test('prints its version and help', async () => {
    expect((await cli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { out, code } = await cli(['--help']);
    expect(code).toBe(0);
    for (const name of ['embed', 'score', 'classify', 'train', 'evaluate', 'trim', 'export', 'serve'])
      expect(out).toContain(`  ${name} `);
  });

  test.each(['embed', 'score', 'classify', 'train', 'evaluate', 'trim', 'export', 'serve'])(
    '%s --help shows examples',
    async (name) => {
      const { out, err, code } = await cli([name, '--help']);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain(`$ siglip2 ${name} `);
    },
  );

  test('a wrong call exits with 2 and one line', async () => {
    await expectFailure(['embd'], 2, /unknown command 'embd'.*Did you mean embed/);
    await expectFailure(['embed', '--txt', 'x'], 2, /unknown option '--txt'/);
    await expectFailure(
      ['embed', '--threads', 'many', '-t', 'x'],
      2,
      /--threads is "many": expected a positive/,
    );
    await expectFailure(['embed', '--device', 'abacus', '-t', 'x'], 2, DEVICE);
    const train = ['train', path('recipe.ts'), '--run', path('run'), '--device', 'abacus'];
    await expectFailure(train, 2, DEVICE);
    const finetune = ['finetune', '--data', PICTURES, '--output', path('tuned'), '--device', 'abacus'];
    await expectFailure(finetune, 2, DEVICE);
    expect((await cli([])).code).toBe(2);
  });

  test('a failure exits with 1 and one line, its stack only with --verbose', async () => {
    const args = ['embed', '--text', 'x', '--model', path('nowhere')];
    await expectFailure(args, 1, /nowhere: no such directory/);
    const { err, code } = await cli([...args, '--verbose']);
    expect(code).toBe(1);
    expect(err).toMatch(/\n\s+at /);
  });
});

describe('embed', () => {
  test('prints the embeddings of images, texts and standard input, in order', async () => {
    const lines = write('texts.txt', '\uFEFFein Haus\r\n\r\n猫\n');
    const args = ['embed', IMAGES[0]!, '-', '--text', ...TEXTS, '--texts-file', lines, '--json', ...engine];
    const result = await cli(args, { stdin: 'été\nlast line' });
    expect([result.code, result.err]).toEqual([0, '']);
    const texts = [...TEXTS, 'ein Haus', '猫', 'été', 'last line'];
    const rows = result.json();
    expect(rows.map(({ input }) => input)).toEqual([IMAGES[0], ...texts]);
    expect(rows.map(({ kind }) => kind)).toEqual(['image', ...texts.map(() => 'text')]);
    const expected = await encoder.embedTexts(texts);
    for (const [i] of texts.entries()) {
      const row = expected.data.subarray(i * encoder.width, (i + 1) * encoder.width);
      // Printed so that the float32 comes back exactly.
      expect(Float32Array.from(rows[i + 1]!['embedding'] as number[])).toEqual(row);
    }
  });

  test('takes directories and globs, sorted, pictures only', async () => {
    const args = (pattern: string) => ['embed', pattern, '--json', ...engine];
    const names = async (pattern: string) =>
      (await cli(args(pattern))).json().map(({ input }) => basename(String(input)));
    expect(await names(PICTURES)).toEqual(['b.png', 'a.png']);
    expect(await names(join(PICTURES, '*.png'))).toEqual(['b.png']);
    expect(await names(join(PICTURES, '**/[!b].p?g'))).toEqual(['a.png']);
  });

  test('writes a safetensors file', async () => {
    const output = path('out.safetensors');
    const result = await cli([
      'embed',
      IMAGES[0]!,
      '--text',
      'a cat',
      '--output',
      output,
      '--json',
      ...engine,
    ]);
    const bad = { read: 2, bad: 0, reasons: {} };
    expect(result.json()).toMatchObject([{ output, files: [output], count: 2, width: encoder.width, bad }]);
    const file = await openSafetensors(output);
    const { shape, data } = await file.readFloat32('embeddings');
    await file.close();
    expect(shape).toEqual([2, encoder.width]);
    expect(data.subarray(encoder.width)).toEqual((await encoder.embedTexts(['a cat'])).data);
    expect(JSON.parse(file.metadata['inputs']!)).toEqual([IMAGES[0], 'a cat']);
  });

  test('shows progress on a terminal, and only there', async () => {
    const args = ['embed', IMAGES[0]!, '--json', ...engine];
    expect((await cli(args, { terminal: true })).err).toMatch(/images █+ 1\/1/);
    expect((await cli(args)).err).toBe('');
  });

  test('says what is wrong with the input', async () => {
    await expectFailure(['embed', ...engine], 2, /nothing to embed/);
    await expectFailure(['embed', 'missing.png', ...engine], 1, /missing\.png: no such file/);
    await expectFailure(['embed', join(folder, '*.webp'), ...engine], 1, /has no image files/);
    await expectFailure(
      ['embed', '--texts-file', path('none.txt'), ...engine],
      1,
      /none\.txt: cannot be read/,
    );
    const text = write('text.png', 'not a picture');
    await expectFailure(['embed', text, ...engine], 1, /text\.png: is not an image/);
    const mixed = await cli(['embed', '--json', ...engine, '--text', 'a cat', IMAGES[0]!]);
    expect(mixed.err).toMatch(/embedded as text; name image files before --text/);
  });
});

describe('score', () => {
  test('prints the probability of every pair', async () => {
    const args = ['score', '--image', ...IMAGES.slice(0, 2), '--text', ...TEXTS, ...engine];
    const expected = (await encoder.score(IMAGES.slice(0, 2), TEXTS)).data;
    const rows = (await cli([...args, '--json'])).json();
    expect(rows).toEqual(
      [0, 1].map((i) => ({
        image: IMAGES[i],
        scores: TEXTS.map((text, j) => ({ text, probability: expected[2 * i + j] })),
      })),
    );
    const plain = await cli(args);
    expect(plain.out.split('\n')[1]).toMatch(new RegExp(`${(100 * expected[0]!).toFixed(1)} %  a cat$`));
  });

  test('needs images and texts', async () => {
    await expectFailure(['score', '--text', 'a', ...engine], 2, /give --image/);
    await expectFailure(['score', '--image', IMAGES[0]!, ...engine], 2, /give --text/);
  });
});

describe('classify', () => {
  const classify = (...args: string[]) => cli(['classify', IMAGES[0]!, ...args, ...engine]);

  test('prints labels, best first', async () => {
    const labels = ['a cat', 'un chien', 'ein Haus'];
    const [expected] = await encoder.classify([IMAGES[0]!], labels);
    const { json, code } = await classify('--labels', labels.join(', '), '--json');
    expect(code).toBe(0);
    expect(json()).toEqual([{ image: IMAGES[0], labels: expected }]);
    const best = await classify('--labels', labels.join(), '--top', '1');
    expect(best.out.trimEnd().split('\n')).toHaveLength(2);
    expect(best.out).toContain(expected![0]!.label);
  });

  test('takes labels and templates from files', async () => {
    const labels = write('labels.txt', 'cat, tabby\ndog\n');
    const templates = write('templates.txt', 'a photo of {}\nune photo de {}\n');
    const [expected] = await encoder.classify([IMAGES[0]!], ['cat, tabby', 'dog'], {
      templates: ['a photo of {}', 'une photo de {}'],
    });
    const result = await classify('--labels-file', labels, '--templates', templates, '--json');
    expect(result.json()).toEqual([{ image: IMAGES[0], labels: expected }]);
    const named = await classify('--labels', 'dog', '--templates', 'class_name_only', '--json');
    const [plain] = await encoder.classify([IMAGES[0]!], ['dog'], { templates: ['{}'] });
    expect(named.json()).toEqual([{ image: IMAGES[0], labels: plain }]);
  });

  test('says what is missing', async () => {
    await expectFailure(['classify', IMAGES[0]!, ...engine], 2, /no labels: give --labels/);
    await expectFailure(
      ['classify', '--labels', 'a', ...engine],
      2,
      /nothing to classify: give images or --from/,
    );
    const bad = ['classify', IMAGES[0]!, '--labels', 'a', ...engine];
    await expectFailure(
      [...bad, '--templates', 'clip_worst'],
      2,
      /"clip_worst".*class_name_only, clip_paper/,
    );
    await expectFailure([...bad, '--top', '0'], 2, /--top is "0"/);
    await expectFailure([...bad, '--templates', write('bad.txt', 'no braces')], 1, /no "\{\}"/);
  });
});

describe('trim', () => {
  test('keeps the embeddings of the corpus to the bit', async () => {
    const corpus = write('corpus.txt', `${TEXTS.join('\n')}\n`);
    const output = path('trimmed');
    const { code, json } = await cli(['trim', '-m', MODEL, '--corpus', corpus, '--output', output, '--json']);
    expect(code).toBe(0);
    const [report] = json();
    expect(report).toMatchObject({ output, texts: 2, pieces: { before: 2500 } });
    const { after } = report!['pieces'] as { after: number };
    expect(after).toBeLessThan(400);
    const bytes = report!['bytes'] as { before: number; after: number };
    expect(bytes.before - bytes.after).toBe((2500 - after) * encoder.width * 4);
    const trimmed = await load(output, { threads: 1 });
    expect((await trimmed.embedTexts(TEXTS)).data).toEqual((await encoder.embedTexts(TEXTS)).data);
    expect((await trimmed.embedImages(IMAGES)).data).toEqual((await encoder.embedImages(IMAGES)).data);
    // Text that the corpus does not cover still works.
    expect((await trimmed.embedTexts(['Ωmega 猫'])).data.every(Number.isFinite)).toBe(true);
    await trimmed.dispose();
  });

  test('can write half precision and fewer pieces', async () => {
    const corpus = write('corpus2.txt', 'a cat\nun chien\n');
    const args = ['trim', '-m', MODEL, '-c', corpus, '-', '-o', path('half'), '--max-pieces', '280'];
    const { code, out } = await cli([...args, '--dtype', 'float16'], { stdin: 'ein Haus' });
    expect(code).toBe(0);
    expect(out).toMatch(/2500 → 280 pieces, for 3 texts/);
    const half = await load(path('half'), { threads: 1 });
    expect(half.config.text.vocabSize).toBe(280);
    await half.dispose();
  });

  test('says what is missing', async () => {
    await expectFailure(['trim', '-m', MODEL, '-o', path('x')], 2, /--corpus/);
    await expectFailure(
      ['trim', '-m', MODEL, '-c', write('empty.txt', '\n'), '-o', path('x')],
      1,
      /no texts/,
    );
    const few = ['trim', '-m', MODEL, '-c', path('corpus.txt'), '-o', path('x'), '--max-pieces', '10'];
    await expectFailure(few, 1, /maxPieces is 10/);
  });
});

describe('export', () => {
  test('says that transformers.js cannot load NaFlex, and beside that only JSON', async () => {
    const model = await saveTinyModel(path('naflex'), 'naflex');
    const { code, err, json } = await cli(['export', '-m', model, '-o', path('naflex-onnx'), '--json']);
    expect(code).toBe(0);
    expect(err).toMatch(/^a NaFlex model: ONNX Runtime runs .* transformers\.js has no NaFlex .*\n$/);
    expect(json()).toHaveLength(1);
    expect((await cli(['export', '--help'])).out).toContain('spatial_shapes');
  });

  test('writes another operator set, and the patches that the preprocessor makes', async () => {
    const model = await saveTinyModel(path('naflex'), 'naflex');
    const output = path('naflex-17');
    const args = ['export', '-m', model, '-o', output, '--opset', '17', '--max-patches', '64'];
    expect((await cli(args)).code).toBe(0);
    const preprocessor = JSON.parse(readFileSync(join(output, 'preprocessor_config.json'), 'utf8'));
    expect(preprocessor.max_num_patches).toBe(64);
    await expectFailure([...args, '--opset', '16'], 2, /--opset is "16": expected one of 17, 18, 19, 20/);
    await expectFailure(
      ['export', '-m', MODEL, '-o', output, '--max-patches', '64'],
      1,
      /16 × 16 pixels only/,
    );
  });

  test('writes the layout of transformers.js', async () => {
    const output = path('onnx');
    const args = ['export', '-m', MODEL, '-o', output, '--dtype', 'float16', '--json'];
    const { code, err, json } = await cli(args);
    expect([code, err]).toEqual([0, '']);
    const files = (json()[0]!['files'] as { file: string }[]).map(({ file }) => file);
    expect(files).toEqual(['model', 'vision_model', 'text_model'].map((name) => `onnx/${name}_fp16.onnx`));
    expect(readdirSync(output).sort()).toEqual(
      ['config.json', 'onnx', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'].sort(),
    );
  });

  test('says what is wrong', async () => {
    await expectFailure(['export', '-m', MODEL], 2, /--output/);
    await expectFailure(['export', '-m', MODEL, '-o', path('x'), '--dtype', 'int4'], 2, /--dtype is "int4"/);
  });
});

describe('evaluate', () => {
  test('says what is wrong before it builds the data', async () => {
    await expectFailure(['evaluate', '--model', path('nowhere')], 1, /no such directory/);
  });
});

describe('serve', () => {
  test('answers until it is interrupted', async () => {
    // The command listens for signals once the server answers.
    const { code, err } = await cli(['serve', '--port', '0', ...engine], {
      onListening: (interrupt) => interrupt(),
    });
    expect(code).toBe(0);
    expect(err).toMatch(/http:\/\/127\.0\.0\.1:\d+\/[\s\S]*closing/);
  });

  test('says what is wrong', async () => {
    await expectFailure(['serve', '--port', '99999', ...engine], 2, /--port is "99999"/);
    const wrong = ['--allowed-host', 'box.lan', '--allowed-host', 'http://box.lan'];
    await expectFailure(['serve', ...wrong, ...engine], 1, /"http:\/\/box\.lan" is no host name/);
    await expectFailure(['serve', '--model', path('nowhere')], 1, /no such directory/);
  });
});
