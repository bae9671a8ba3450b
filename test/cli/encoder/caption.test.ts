import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDecoder } from '../../../src/checkpoint/huggingFace/decoder.ts';
import { openModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { loadTokenizer } from '../../../src/input/text/tokenizer/loadTokenizer.ts';
import type { NdArray } from '../../../src/tensor/ndarray.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { saveScriptedDecoder } from '../scriptedDecoder.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const MODEL = path('model');
const PLAIN = path('plain');
const [IMAGE, OTHER] = [IMAGES[0]!, IMAGES[1]!];
const CAPTION = 'a cat';
const PHRASE = 'the cat that sits at the left of the house and sees the other cats come and go';
const NAME = 'ein Haus';
const REGION = { y1: 0, x1: 0, y2: 0.5, x2: 1 };
const BOX = { y1: 0.1, x1: 0.2, y2: 0.5, x2: 1 };
const engine = (model = MODEL) => ['--model', model, '--threads', '1'];

beforeAll(async () => {
  await saveTinyModel(PLAIN);
  await saveTinyModel(MODEL);
  await saveScriptedDecoder(MODEL, [
    { question: { task: 'captioning' }, answer: ` ${CAPTION}` },
    { question: { task: 'groundedCaptioning', box: REGION }, answer: ` ${NAME}` },
    { question: { task: 'referring', caption: PHRASE }, answer: ' 50 100 250 500' },
  ]);
}, 60_000);

async function answers(args: readonly string[], model = MODEL) {
  const { code, err, json } = await cli(['caption', ...args, '--json', ...engine(model)]);
  expect([code, err]).toEqual([0, '']);
  return json();
}

async function pixelBox(box: typeof BOX) {
  const { width, height } = await decodeImage(IMAGE);
  return { y1: box.y1 * height, x1: box.x1 * width, y2: box.y2 * height, x2: box.x2 * width };
}

describe('caption', () => {
  test('writes a caption of each image', async () => {
    const { code, out } = await cli(['caption', IMAGE, OTHER, ...engine()]);
    expect(code).toBe(0);
    expect(out).toBe(`${IMAGE}: ${CAPTION}\n${OTHER}: ${CAPTION}\n`);
    const [answer] = await answers([IMAGE, '--beams', '3']);
    expect(answer).toEqual({
      image: IMAGE,
      task: 'captioning',
      text: CAPTION,
      logProbability: expect.any(Number),
      ended: true,
    });
    // The script leaves no doubt.
    expect(answer!['logProbability']).toBeGreaterThan(-0.01);
    const [cut] = await answers([IMAGE, '--max-tokens', '1']);
    expect(cut).toMatchObject({ text: 'a', ended: false });
  });

  test('prints boxes in pixels and in shares, says what is in one, and draws them', async () => {
    const args = [IMAGE, '--refer', PHRASE, '--describe', '0,0,0.5,1'];
    const drawn = path('drawn.png');
    const [referred, described] = await answers([...args, '--draw', drawn]);
    expect(referred).toMatchObject({ task: 'referring', phrase: PHRASE, text: '50 100 250 500', box: BOX });
    expect(referred!['pixels']).toEqual(await pixelBox(BOX));
    // The tokenizer lowers its texts, so the decoder has only seen small letters.
    expect(described).toMatchObject({ task: 'groundedCaptioning', text: NAME.toLowerCase(), box: REGION });
    const { out } = await cli(['caption', ...args, ...engine()]);
    const { width, height } = await decodeImage(IMAGE);
    const pixels = [0.1 * height, 0.2 * width, 0.5 * height, width].map((side) => side.toFixed(0)).join(' ');
    expect(out.split('\n')[0]).toBe(`${PHRASE}: ${pixels} px  (0.100 0.200 0.500 1.000)`);

    const picture = await decodeImage(drawn);
    const before = await decodeImage(IMAGE);
    expect([picture.width, picture.height]).toEqual([width, height]);
    expect(picture.data).not.toEqual(before.data);
    // Far from every line nothing has changed.
    const at = 3 * ((height - 1) * width + Math.floor(width / 2));
    expect(picture.data.slice(at, at + 3)).toEqual(before.data.slice(at, at + 3));
    expect((await sharp(drawn).metadata()).format).toBe('png');
  });

  test('an answer that is no box is shown as it is', async () => {
    // At this length of question the script has nothing to say about a box.
    const [answer] = await answers([IMAGE, '--refer', 'cat', '--max-tokens', '2']);
    expect(answer).not.toHaveProperty('box');
    const { out } = await cli(['caption', IMAGE, '--refer', 'cat', '--max-tokens', '2', ...engine()]);
    expect(out).toMatch(/^cat: no box, but “/);
  });

  test.each([
    [['--describe', '0,0,1'], 2, /--describe is .*expected y1,x1,y2,x2 in shares/],
    [['--describe', '0,0,300,1'], 2, /expected y1,x1,y2,x2 in shares/],
    [['--describe', '0.5,0,0.2,1'], 2, /y1 < y2/],
    [['--beams', '0'], 2, /--beams is "0"/],
    [['--draw', 'x.png'], 2, /--draw has no box to draw/],
    [[OTHER, '--refer', 'cat', '--draw', 'x.png'], 2, /--draw takes one image/],
  ])('%j is refused', async (args, code, message) => {
    const result = await cli(['caption', IMAGE, ...args, ...engine()]);
    expect(result.err).toMatch(message);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(existsSync('x.png')).toBe(false);
  });

  test('a model without a decoder: says that none is released, and how to get one', async () => {
    const { code, err } = await cli(['caption', IMAGE, ...engine(PLAIN)]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /has no decoder .*neither has any released checkpoint: train one with the loss `locca`/,
    );
  });
});

describe('trim, with a decoder', () => {
  const corpus = path('corpus.txt');
  const trimmed = path('trimmed');
  const texts = [CAPTION, PHRASE, NAME];
  beforeAll(async () => {
    writeFileSync(corpus, texts.join('\n'));
    const { code, err } = await cli(['trim', '-m', MODEL, '-c', corpus, '-o', trimmed]);
    expect([code, err]).toEqual([0, '']);
  });

  test('keeps what it says of the texts of the corpus', async () => {
    const args = [IMAGE, '--refer', PHRASE, '--describe', '0,0,0.5,1'];
    for (const asked of [[IMAGE], args]) {
      const [before, after] = [await answers(asked), await answers(asked, trimmed)];
      const sure = ({ logProbability, ...rest }: Record<string, unknown>) => rest;
      expect(after.map(sure)).toEqual(before.map(sure));
    }
  });

  test('keeps the rows of their pieces and the mask token’s, to the bit', async () => {
    const read = async (directory: string) => {
      const { config, weights } = await openModelDirectory(directory);
      await weights.close();
      const decoder = (await openDecoder(directory, config))!;
      const entries = [...decoder.weights.tensors.keys()].map(
        async (name): Promise<[string, NdArray]> => [name, await decoder.weights.read(name)],
      );
      const tensors = new Map(await Promise.all(entries));
      await decoder.weights.close();
      const tokenizer = await loadTokenizer(`${directory}/tokenizer.json`);
      return { config: decoder.config, tensors, tokenizer };
    };
    const [old, now] = [await read(MODEL), await read(trimmed)];
    expect(now.config).toEqual({ ...old.config, vocabSize: now.tokenizer.vocabSize });
    expect(now.config.vocabSize).toBeLessThan(400);
    const row = ({ shape, data }: NdArray, i: number) => {
      const width = shape[1] ?? 1;
      return data.slice(i * width, (i + 1) * width);
    };
    const tables = ['embeddings.token_embedding.weight', 'lm_head.weight', 'lm_head.bias'].map(
      (name) => `decoder.${name}`,
    );
    // Prefixes, separator and all digits of boxes are kept too.
    const words = [
      ...texts,
      ...texts.map((text) => ` ${text}`),
      'Cap:',
      'ARef:',
      'GCap:',
      ' :',
      ' 0 123 456 7 8 9',
    ];
    for (const text of words) {
      const [before, after] = [old.tokenizer.pieceIds(text), now.tokenizer.pieceIds(text)];
      expect(after).toHaveLength(before.length);
      for (const [i, id] of after.entries())
        for (const name of tables)
          expect(row(now.tensors.get(name)!, id)).toEqual(row(old.tensors.get(name)!, before[i]!));
    }
    const mask = ({ tensors, config }: typeof old) => row(tensors.get(tables[0]!)!, config.vocabSize);
    expect(mask(now)).toEqual(mask(old));
    for (const [name, tensor] of old.tensors)
      if (!tables.includes(name)) expect(now.tensors.get(name)).toEqual(tensor);
  });

  test('changes the type of both, and counts both', async () => {
    const output = path('half');
    const args = ['trim', '-m', MODEL, '-c', corpus, '-o', output, '--dtype', 'float16', '--json'];
    const [report] = (await cli(args)).json();
    const { config, weights } = await openModelDirectory(output);
    await weights.close();
    const decoder = (await openDecoder(output, config))!;
    const all = [...weights.tensors.values(), ...decoder.weights.tensors.values()];
    await decoder.weights.close();
    expect(all.every(({ dtype }) => dtype === 'float16')).toBe(true);
    const bytes = all.reduce((total, { byteLength }) => total + byteLength, 0);
    expect(report!['bytes']).toMatchObject({ after: bytes });
  });
});
