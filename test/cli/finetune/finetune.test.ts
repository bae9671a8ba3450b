import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDecoder } from '../../../src/checkpoint/huggingFace/decoder.ts';
import { openModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { writeShards } from '../../../src/data/shards/writeShards.ts';
import { load } from '../../../src/encoder/load.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { saveTinyModel } from '../fixtures.ts';
import { saveScriptedDecoder } from '../scriptedDecoder.ts';
import { temporaryFolder } from '../temporary.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'tiny');
const NAFLEX = join(folder, 'tiny-naflex');
const CLASSES = join(folder, 'classes');
const CAPTIONS = join(folder, 'captions');
const COLOURS = { red_fox: [220, 60, 30], green_leaf: [40, 200, 60], blue_sea: [30, 70, 220] } as const;
const PER_CLASS = 8;

/** A picture of nearly one colour. */
async function drawing(path: string, colour: readonly number[], seed: number, width = 20): Promise<void> {
  const random = createRandom(seed, 'drawing');
  const pixels = Uint8Array.from({ length: width * 16 * 3 }, (_, i) =>
    Math.min(255, Math.max(0, colour[i % 3]! + 60 * (random.next() - 0.5))),
  );
  await sharp(pixels, { raw: { width, height: 16, channels: 3 } })
    .png()
    .toFile(path);
}

/** The command on the folder of classes, quick and small; later options win. */
const args = (output: string, ...more: string[]) => [
  'finetune',
  // A list grows with each --data.
  ...(more.includes('--data') ? [] : ['--data', CLASSES]),
  ...['--model', MODEL, '--output', join(folder, output), '--threads', '1'],
  ...['--batch', '6', '--steps', '12', '--warmup', '2', '--learning-rate', '3e-3', '--validation', '0.25'],
  ...['--save-every', '4'],
  ...more,
];

const modelOf = (output: string) => join(folder, output, 'model');
const weightsOf = (output: string) => readFileSync(join(modelOf(output), 'model.safetensors'));
const stateOf = async (output: string) => (await latestState(join(folder, output, 'run')))!;

beforeAll(async () => {
  await saveTinyModel(MODEL);
  await saveTinyModel(NAFLEX, 'naflex');
  mkdirSync(CAPTIONS);
  let seed = 0;
  for (const [name, colour] of Object.entries(COLOURS)) {
    mkdirSync(join(CLASSES, name), { recursive: true });
    for (let i = 0; i < PER_CLASS; i++) await drawing(join(CLASSES, name, `${i}.png`), colour, seed++);
    await drawing(join(CAPTIONS, `${name}.png`), colour, seed++, 40);
    writeFileSync(join(CAPTIONS, `${name}.txt`), `a ${name.replace('_', ' ')}\nun dessin\n`);
  }
}, 60_000);

describe('siglip2 finetune', () => {
  test('puts the model’s colour behind transparent pixels, as using it does', async () => {
    const glass = join(folder, 'glass');
    for (const [name, [r, g, b]] of Object.entries(COLOURS)) {
      mkdirSync(join(glass, name), { recursive: true });
      const image = { width: 16, height: 16, channels: 4, background: { r, g, b, alpha: 0.3 } } as const;
      for (const i of [0, 1])
        await sharp({ create: image })
          .png()
          .toFile(join(glass, name, `${i}.png`));
    }
    const white = join(folder, 'tiny-white');
    cpSync(MODEL, white, { recursive: true });
    const file = join(white, 'preprocessor_config.json');
    const settings: object = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...settings, background_color: [255, 255, 255] }));
    const firstLoss = async (output: string, model: string): Promise<number> => {
      const more = ['--data', glass, '--model', model, '--steps', '1', '--validation', '0', '--json'];
      const { json, code, err } = await cli(args(output, ...more, '--warmup', '0'));
      expect(code, err).toBe(0);
      return json()[0]!['loss'] as number;
    };
    const dropped = await firstLoss('glass-dropped', MODEL);
    expect(Math.abs((await firstLoss('glass-white', white)) - dropped)).toBeGreaterThan(1e-4);
    const kept: unknown = JSON.parse(
      readFileSync(join(modelOf('glass-white'), 'preprocessor_config.json'), 'utf8'),
    );
    expect(kept).toMatchObject({ background_color: [255, 255, 255] });
  }, 60_000);

  test('learns the classes of a folder, and says how well before and after', async () => {
    const { code, json, err } = await cli(args('whole', '--json'));
    expect(code, err).toBe(0);
    expect(err).toMatch(/data {6}18 images in 3 classes, 6 held out\n/);
    expect(err).toMatch(/training {2}12 steps of 6 pairs \(each image 4\.0 times\)/);
    expect(err).toMatch(/memory {4}\d.* estimated \(state /);
    // It learns: compare the warning below.
    expect(err).not.toContain('warning');
    const steps = json();
    const last = steps.pop() as { before: { top1: number }; after: { top1: number } };
    expect(steps).toHaveLength(12);
    expect(steps[0]).toMatchObject({ step: 1, totalSteps: 12, loss: expect.any(Number) });
    const losses = steps.map(({ loss }) => loss as number);
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
    const counts = { kind: 'classes', images: 6, classes: 3, chance: { top1: 1 / 3 } };
    expect(last).toMatchObject({
      finished: true,
      step: 12,
      model: modelOf('whole'),
      before: counts,
      after: counts,
    });
    expect(last.after.top1).toBe(1);
    expect(last.before.top1).toBeLessThan(1);
    const encoder = await load(modelOf('whole'), { threads: 1 });
    const [labels] = await encoder.classify(
      [join(CLASSES, 'blue_sea/0.png')],
      ['red fox', 'blue sea', 'green leaf'],
      { templates: ['{}'] },
    );
    await encoder.dispose();
    expect(labels![0]!.label).toBe('blue sea');
    expect(readFileSync(join(folder, 'whole/run/report.html'), 'utf8')).toContain('</i>training</td>');
    // Nothing of the training is in the model's folder.
    expect(readdirSync(modelOf('whole')).sort()).toEqual(readdirSync(MODEL).sort());
  });

  // Signals and kills of a process: with `siglip2 train`, and of a released model in the full suite.
  test('a run that is interrupted ends in the same bits', async () => {
    const interrupted = await cli(args('broken', '--json'), { interruptAt: '"step":6' });
    expect(interrupted.err).toContain(`continue with: siglip2 finetune --model ${MODEL} --data ${CLASSES}`);
    expect(interrupted.code).toBe(130);
    // As the message says: everything else is that of the run.
    const rest = ['--model', MODEL, '--data', CLASSES, '--output', join(folder, 'broken'), '--threads', '1'];
    const { code, err } = await cli(['finetune', '--resume', ...rest]);
    expect(code, err).toBe(0);
    expect(weightsOf('broken')).toEqual(weightsOf('whole'));
    expect((await stateOf('broken')).state).toEqual((await stateOf('whole')).state);
    const log = async (output: string) =>
      (await readLog(join(folder, output, 'run'))).map(({ step, loss }) => [step, loss]);
    expect(await log('broken')).toEqual(await log('whole'));
    const other = await cli(args('broken', '--batch', '5'));
    expect([other.code, other.err]).toEqual([1, expect.stringMatching(/holds a run with --batch 6, not 5/)]);
  }, 120_000);

  test('in chunks it is the same training, whether memory is looked at or not', async () => {
    const { code, err } = await cli(args('chunks', '--chunk', '3', '--ignore-memory'));
    expect(code, err).toBe(0);
    expect(err).toMatch(/12 steps of 6 pairs in chunks of 3/);
    const [whole, chunks] = [await stateOf('whole'), await stateOf('chunks')];
    const losses = async (output: string) =>
      (await readLog(join(folder, output, 'run'))).map(({ loss }) => Number(loss));
    const expected = await losses('whole');
    // The sums of chunks are rounded otherwise, and Adam magnifies what is near 0.
    const actual = await losses('chunks');
    expect(actual).toHaveLength(12);
    for (const [i, loss] of actual.entries()) expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-3);
    expect([...chunks.state.keys()].sort()).toEqual([...whole.state.keys()].sort());
  });

  test('what is frozen stays as it was to the bit, and has no moments', async () => {
    const { code, err } = await cli(args('frozen', '--freeze', 'image,embeddings', '--steps', '3'));
    expect(code, err).toBe(0);
    const [before, after] = [await openModelDirectory(MODEL), await openModelDirectory(modelOf('frozen'))];
    const changed: string[] = [];
    for (const name of before.weights.tensors.keys()) {
      const [a, b] = [await before.weights.read(name), await after.weights.read(name)];
      if (!Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer))) changed.push(name);
    }
    await Promise.all([before.weights.close(), after.weights.close()]);
    const isFrozen = (name: string) => /vision_model|text_model\.embeddings/.test(name);
    expect(changed.filter(isFrozen)).toEqual([]);
    expect(changed.length).toBeGreaterThan(10);
    const { state } = await stateOf('frozen');
    expect([...state.keys()].filter((name) => name.includes('moment') && isFrozen(name))).toEqual([]);
  });

  test('takes captions and NaFlex models; half-precision models stay so', async () => {
    const half = join(folder, 'tiny-half');
    const { code, err, json } = await cli([
      ...['finetune', '--model', NAFLEX, '--data', CAPTIONS, '--output', half, '--threads', '1'],
      ...['--steps', '2', '--batch', '3', '--validation', CAPTIONS, '--save-as', 'float16', '--json'],
    ]);
    expect(code, err).toBe(0);
    expect(json().at(-1)).toMatchObject({
      // All three share a caption: four of the six texts are right for each.
      after: { kind: 'captions', images: 3, texts: 6, chance: { imageToText: { queries: 3, at1: 2 / 3 } } },
    });
    const again = join(folder, 'tiny-half-again');
    const second = await cli([
      ...[
        'finetune',
        '--model',
        join(half, 'model'),
        '--data',
        CAPTIONS,
        '--output',
        again,
        '--threads',
        '1',
      ],
      ...['--steps', '1', '--batch', '2', '--validation', '0'],
    ]);
    expect(second.code, second.err).toBe(0);
    expect(second.out).toBe(`1 steps done; the model is in ${join(again, 'model')}\n`);
    const { weights } = await openModelDirectory(join(again, 'model'));
    expect(new Set([...weights.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['float16']));
    await weights.close();
  });

  test('a NaFlex model learns at the patches that it is told, and says so afterwards', async () => {
    const more = ['--model', NAFLEX, '--max-patches', '25', '--steps', '2', '--warmup', '0'];
    const { code, err } = await cli(args('patches', ...more));
    expect(code, err).toBe(0);
    const path = join(modelOf('patches'), 'preprocessor_config.json');
    expect(JSON.parse(readFileSync(path, 'utf8')).max_num_patches).toBe(25);
    // Going on needs no word of it, and another number is another run.
    expect((await cli(args('patches', '--model', NAFLEX, '--steps', '2', '--warmup', '0'))).code).toBe(0);
    const other = await cli(args('patches', ...more, '--max-patches', '36'));
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('--max-patches 25, not 36')]);
    const fixed = await cli(args('patches-fixed', '--max-patches', '25'));
    expect([fixed.code, fixed.err]).toEqual([1, expect.stringContaining('16 × 16 pixels only')]);
  });

  test('a decoder stays beside the model, as it was, and what did not learn with it is said', async () => {
    const speaking = join(folder, 'tiny-speaking');
    await saveTinyModel(speaking);
    await saveScriptedDecoder(speaking, [{ question: { task: 'captioning' }, answer: 'fox' }]);
    const decoderOf = (directory: string) =>
      ['decoder_config.json', 'decoder.safetensors'].map((file) => readFileSync(join(directory, file)));
    const short = ['--model', speaking, '--steps', '1', '--warmup', '0', '--validation', '0'];
    const both = await cli(args('speaking', ...short));
    expect(both.code, both.err).toBe(0);
    expect(both.err).toContain('the decoder is kept as it was: it knows the image tower from before');
    expect(decoderOf(modelOf('speaking'))).toEqual(decoderOf(speaking));
    const locked = await cli(args('speaking-locked', ...short, '--freeze', 'image', '--save-as', 'float16'));
    expect(locked.code, locked.err).toBe(0);
    expect(locked.err).not.toContain('decoder');
    const { config, weights } = await openModelDirectory(modelOf('speaking-locked'));
    const half = (await openDecoder(modelOf('speaking-locked'), config))!;
    expect(new Set([...half.weights.tensors.values()].map(({ dtype }) => dtype))).toEqual(
      new Set(['float16']),
    );
    await Promise.all([weights.close(), half.weights.close()]);
    const exported = await cli(['export', '--model', speaking, '--output', join(folder, 'speaking-onnx')]);
    expect([exported.code, exported.err]).toEqual([
      0,
      expect.stringContaining('has a decoder (captions, boxes), which is not exported'),
    ]);
  }, 60_000);

  test('warns when the loss did not fall', async () => {
    const still = ['--learning-rate', '1e-9', '--validation', '0', '--steps', '6'];
    const { code, err, json } = await cli(args('still', ...still, '--json'));
    expect(code, err).toBe(0);
    const text = 'warning: the loss did not fall';
    expect(err).toContain(text);
    expect(err).toContain('try a higher --learning-rate, such as 5e-9, or more steps');
    expect(json().at(-1)).toMatchObject({ warning: expect.stringContaining(text) });
  }, 60_000);

  test('an evaluation without pictures is refused, or said', async () => {
    const plan = async (...more: string[]) => cli(args('unheld', '--cost', '--json', ...more));
    const torn = join(folder, 'torn-validation/red_fox');
    mkdirSync(torn, { recursive: true });
    writeFileSync(join(torn, 'a.png'), readFileSync(join(CLASSES, 'red_fox/0.png')).subarray(0, 60));
    const refused = await plan('--validation', join(folder, 'torn-validation'));
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(
        /torn-validation: has no image with a caption that can be used: 1 of 1.*undecodable/s,
      ),
    ]);
    const notes = async (...more: string[]) => {
      const { code, err, out } = await cli(args('unheld', '--cost', ...more));
      expect(code, err).toBe(0);
      return out;
    };
    const other = join(folder, 'other/purple');
    mkdirSync(other, { recursive: true });
    await drawing(join(other, 'a.png'), [200, 0, 200], 1);
    expect(await notes('--validation', join(folder, 'other'))).toMatch(
      /note {6}--validation has 1 name that is no class of --data \(such as "purple"\)/,
    );
    // A glob stands for its images, as in --data.
    expect(await notes('--validation', join(CAPTIONS, '*.png'))).toContain('3 held out');
    expect(await notes()).not.toContain('note');
  });

  test('--cost shows what it would take, and does nothing', async () => {
    const { code, json } = await cli(args('planned', '--cost', '--json'));
    expect(code).toBe(0);
    expect(json()).toMatchObject([
      {
        images: 18,
        validation: 6,
        batch: 6,
        chunk: 6,
        steps: 12,
        fits: true,
        memory: { total: expect.any(Number) },
        seconds: expect.any(Number),
        // Images are not read to know them again: nothing is trained.
        fingerprint: '',
      },
    ]);
    expect(readdirSync(folder)).not.toContain('planned');
    const { out } = await cli(args('planned', '--cost', '--freeze', 'image'));
    expect(out).toMatch(/frozen: image\nmemory .*\ntime {6}\d/);
  });

  test('stops when too many images turn out bad on the way, and names the option', async () => {
    // The trial before the start decodes every second of 64 images, and those are whole.
    const torn = join(folder, 'torn/red');
    mkdirSync(torn, { recursive: true });
    await drawing(join(torn, '00.png'), [200, 40, 40], 0);
    const whole = readFileSync(join(torn, '00.png'));
    for (let i = 0; i < 64; i++) {
      const file = join(torn, `${String(i).padStart(2, '0')}.png`);
      writeFileSync(file, i % 2 === 0 ? whole : whole.subarray(0, 60));
    }
    const more = ['--data', join(folder, 'torn'), '--steps', '40', '--validation', '0'];
    const { code, err } = await cli(args('stopped', ...more));
    expect(code).toBe(1);
    expect(err).toMatch(/of \d+ samples are bad, most often undecodable.*allow more with --max-bad/);
    expect(err).not.toContain('maxRate');
  });

  test('says what is wrong before it starts', async () => {
    const failure = async (...more: string[]) => {
      const { code, err } = await cli(args('bad', ...more));
      expect(err.trimEnd().split('\n'), err).toHaveLength(1);
      return [code, err];
    };
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await failure('--data', empty)).toEqual([1, expect.stringMatching(/empty: holds no image \(jpg/)]);
    const mute = join(folder, 'mute');
    mkdirSync(mute);
    await drawing(join(mute, 'a.png'), [1, 2, 3], 0);
    expect(await failure('--data', mute)).toEqual([
      1,
      expect.stringMatching(/mute: nothing says what its 1 images show; put a text file beside each/),
    ]);
    expect(await failure('--batch', '19')).toEqual([
      1,
      expect.stringMatching(/18 images to train on, fewer than a batch of 19; use --batch 18 or less/),
    ]);
    const broken = join(folder, 'broken-images/cat');
    mkdirSync(broken, { recursive: true });
    for (let i = 0; i < 4; i++) await drawing(join(broken, `${i}.png`), [9, 9, 9], i);
    writeFileSync(join(broken, 'torn.png'), readFileSync(join(broken, '0.png')).subarray(0, 60));
    writeFileSync(join(broken, 'text.jpg'), 'no image');
    expect(await failure('--data', join(folder, 'broken-images'))).toEqual([
      1,
      expect.stringMatching(/2 of 6 samples are bad.*undecodable: 2.*allow more with --max-bad/),
    ]);
    const mutilated = join(folder, 'no-tokenizer');
    await saveTinyModel(mutilated);
    rmSync(join(mutilated, 'tokenizer.json'));
    expect(await failure('--model', mutilated)).toEqual([
      1,
      expect.stringMatching(/has no tokenizer\.json; add/),
    ]);
    expect(await failure('--resume')).toEqual([
      1,
      expect.stringMatching(
        /bad\/run: no state of a run is saved here to continue; start it without --resume/,
      ),
    ]);
    expect(existsSync(join(folder, 'bad/run'))).toBe(false);
    expect(await failure('--freeze', 'vision')).toEqual([2, expect.stringMatching(/--freeze is "vision"/)]);
    expect(await failure('--epochs', '2')).toEqual([2, expect.stringMatching(/--steps or --epochs/)]);
    expect(await failure('--validation', '1.5')).toEqual([2, expect.stringMatching(/--validation is 1.5/)]);
  });

  test('a run that cannot fit into memory is refused before it starts, with both numbers and what to change', async () => {
    // Nobody knows how many pairs a shard has before it is read.
    const image = readFileSync(join(CLASSES, 'red_fox/0.png'));
    const sample = { source: 'foxes', key: 'fox', image, captions: [{ text: 'a fox' }] };
    const [shard] = await writeShards([sample], { folder });
    const many = ['--data', shard!.path, '--validation', '0'];
    const batch = ['--batch', '2000000', '--chunk', '2000000'];
    const { code, out, err } = await cli(args('huge', ...many, ...batch));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /the run needs about [\d.e+]+ [GT]B of memory, and .* [\d.]+ GB; use --freeze image,embeddings, a smaller --batch .*; --ignore-memory tries it anyway/,
    );
    expect(existsSync(join(folder, 'huge'))).toBe(false);
  });
});
