import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { fitToModel } from '../../../src/input/image/fittedImage.ts';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import { ppmImages } from '../../../src/search/pictures/videos/ppmImages.ts';
import { ownPath } from './fakeTool.ts';
import { missingOf, readAll } from './readAll.ts';

const model = { decode: { maxPixels: 10_000 }, preprocessing: fixedPreprocessing(4) };
const every2 = { frames: { everySeconds: 2 } };
const path = ownPath();
afterEach(() => path.real());
afterAll(() => path.remove());

const file = (name: string): string => {
  const whole = join(path.folder, name);
  writeFileSync(whole, 'a video, for a program that says so');
  return whole;
};

/** Programs that answer with these; the arguments of ffmpeg go to a file. */
function pretend({ probe = PROBE as unknown, ffmpeg = FRAMES, exit = 0 } = {}): void {
  const answer = typeof probe === 'string' ? probe : JSON.stringify(probe);
  path.set({
    ffprobe: `printf '%s' '${answer}'`,
    ffmpeg: `printf '%s\\n' $$ "$@" > '${join(path.folder, 'args')}'\n${ffmpeg}\nexit ${exit}`,
  });
}

const argsOfFfmpeg = (): string[] => readFileSync(join(path.folder, 'args'), 'utf8').split('\n');

const cover = { index: 0, width: 9, height: 9, disposition: { attached_pic: 1 } };
const stream = { index: 2, width: 2, height: 1, sample_aspect_ratio: '0:1' };
const PROBE = {
  streams: [cover, stream],
  format: { tags: { creation_time: '2024-07-31T12:00:00.000000Z', location: '+37.33-122.03/' } },
};
const FRAMES = String.raw`for c in aaaaaa bbbbbb cccccc; do printf 'P6\n2 1\n255\n%s' $c; done`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('frames of videos', () => {
  it('come with their times, and when and where the video was taken', async () => {
    pretend();
    const pictures = await readAll(file('a.MP4'), { model }, every2);
    const facts = { kind: 'frame', width: 2, height: 1, latitude: 37.33, longitude: -122.03 };
    const taken = Date.UTC(2024, 6, 31, 12);
    expect(pictures.map((one) => one.facts)).toEqual([0, 2, 4].map((at) => ({ ...facts, at, taken })));
    const data = new Uint8Array(6).fill('b'.charCodeAt(0));
    expect(pictures[1]?.image).toEqual(fitToModel({ width: 2, height: 1, data }, model.preprocessing));
    expect(pictureReader('a.mp4', every2)?.how).toBe('frames every=2');
  });

  it('are read from a file and nothing else, whatever its name is', async () => {
    pretend();
    for (const name of ['-y.mp4', 'concat:a.mp4', 'a%20b $(x).mp4']) {
      await readAll(file(name), { model }, every2);
      const args = argsOfFfmpeg();
      expect(args[args.indexOf('-i') + 1]).toBe(`file:${join(path.folder, name)}`);
      expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file');
      expect(args[args.indexOf('-map') + 1]).toBe('0:2');
    }
  });

  it('need ffmpeg, where they are asked for', () => {
    path.set({ ffmpeg: '' });
    expect(pictureReader('a.mp4')).toBeUndefined();
    expect(() => pictureReader('a.mp4', every2)).toThrow('need ffmpeg and ffprobe on the PATH');
  });

  it.each([
    ['no video', { probe: { streams: [cover] } }, 'has no video in it'],
    ['no answer', { probe: 'oh' }, "can't be decoded, as ffprobe says"],
    ['large frames', { probe: { streams: [{ ...stream, width: 101, height: 100 }] } }, 'more than the limit'],
    [
      'larger frames than it says',
      { ffmpeg: String.raw`printf 'P6\n101 100\n255\n'` },
      'more than the limit',
    ],
    ['no frame', { ffmpeg: "echo 'moov atom not found' >&2", exit: 1 }, 'moov atom not found'],
    ['half a frame', { ffmpeg: String.raw`printf 'P6\n2 1\n255\nabc'` }, 'ended within a picture'],
    ['frames for ever', { ffmpeg: `while :; do\n${FRAMES}\ndone` }, 'its times are damaged'],
    ['a crash', { ffmpeg: `${FRAMES} \nkill -SEGV $$` }, /ended by SIGSEGV|ended within/],
  ])('%s: bad, by name and reason', async (name, programs, reason) => {
    pretend(programs);
    const video = file(`${name}.mp4`);
    const read = readAll(video, { model }, every2);
    await expect(read).rejects.toThrow(`${video}: `);
    await expect(read).rejects.toThrow(reason);
  });

  it('of a video that breaks off are those before, and it is told', async () => {
    pretend({ ffmpeg: `${FRAMES}; echo '[mov @ 0x5f] partial file' >&2`, exit: 1 });
    const broken = file('broken.mp4');
    expect(await readAll(broken, { model }, every2)).toHaveLength(3);
    expect(await missingOf(broken, { model }, every2)).toBe('breaks off before 6 s (ffmpeg: partial file)');
  });

  it.each([
    ['its pictures go on', { duration: '20.0' }, {}, '', 'breaks off before 6 s of its 20 s'],
    [
      'its headers say more frames',
      { duration: '6', nb_frames: '80', avg_frame_rate: '8/1' },
      {},
      '',
      / 10 s$/,
    ],
    ['Matroska says more', { tags: { DURATION: '00:01:00.5' } }, {}, '', / 60.5 s$/],
    ['a step is missing, with a complaint', { duration: '7' }, {}, 'oh', /of its 7 s \(ffmpeg: oh\)$/],
    ['a step is missing', { duration: '7' }, {}, '', undefined],
    ['its sound goes on', { duration: 'N/A' }, { duration: '20.0' }, '', undefined],
    ['it is whole, with a complaint', { duration: '6' }, {}, 'oh', undefined],
    ['it says no length', {}, {}, '', undefined],
  ])('missing parts: %s', async (name, more, format, complaint, missing) => {
    const probe = { streams: [{ ...stream, ...more }], format };
    pretend({ probe, ffmpeg: complaint ? `${FRAMES}; echo ${complaint} >&2` : FRAMES });
    const said = await missingOf(file(`${name}.mp4`), { model }, every2);
    if (missing === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(missing);
  });

  it.each(['signal', 'return'])('end ffmpeg by %s', async (by) => {
    pretend({ ffmpeg: `${FRAMES}\nexec /bin/sleep 100` });
    const control = new AbortController();
    const reader = pictureReader('a.mp4', every2)!;
    const pictures = reader.read(file('a.mp4'), { model, signal: control.signal })[Symbol.asyncIterator]();
    await pictures.next();
    const pid = Number(argsOfFfmpeg()[0]);
    expect(isAlive(pid)).toBe(true);
    if (by === 'signal') {
      control.abort(new Error('enough'));
      await expect(
        (async () => {
          for (let i = 0; i < 3; i++) await pictures.next();
        })(),
      ).rejects.toThrow('enough');
    } else await pictures.return(undefined);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('refuse what is no file, or empty', async () => {
    pretend();
    await expect(readAll(join(path.folder, 'none.mp4'), { model }, every2)).rejects.toThrow(
      "none.mp4: can't be read (ENOENT)",
    );
    writeFileSync(join(path.folder, 'empty.mp4'), '');
    await expect(readAll(join(path.folder, 'empty.mp4'), { model }, every2)).rejects.toThrow('is empty');
  });
});

describe('a stream of PPM pictures', () => {
  const read = async (bytes: Buffer, size: number) => {
    const images = [];
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    for await (const image of ppmImages(chunks(), 100)) images.push(image);
    return images;
  };

  it('is cut anywhere', async () => {
    const bytes = Buffer.from('P6\n2 1\n255\nabcdefP6\n1 1\n255\nP6\nP6\n1 1\n255\nxyz');
    for (const size of [1, 2, 7, 50])
      expect((await read(bytes, size)).map(({ data }) => Buffer.from(data).toString())).toEqual([
        'abcdef',
        'P6\n',
        'xyz',
      ]);
  });

  it('is refused for what it is not', async () => {
    await expect(read(Buffer.from('P5\n2 1\n255\nabcdefabcdefabcdefabcdefabcdef'), 9)).rejects.toThrow(
      'something else',
    );
    await expect(read(Buffer.from('P6\n2 '), 9)).rejects.toThrow('within a picture');
    await expect(read(Buffer.from('P6\n200 1\n255\n'), 9)).rejects.toThrow('200×1');
  });
});

const isReal = ['ffmpeg', 'ffprobe'].every((name) => spawnSync(name, ['-version']).status === 0);
describe.skipIf(!isReal)('frames by a real ffmpeg (skipped where there is none on the PATH)', () => {
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  };

  it('are those that are shown at each time', async () => {
    const wide = { ...model, decode: {} };
    const [video, still] = [join(path.folder, 'real.mkv'), join(path.folder, 'still.png')];
    const source = 'testsrc=size=64x48:rate=10:duration=3';
    run(
      '-f',
      'lavfi',
      '-i',
      source,
      '-c:v',
      'ffv1',
      '-pix_fmt',
      'bgr0',
      '-metadata',
      'creation_time=2024-07-31T12:00:00Z',
      video,
    );
    const frames = await readAll(video, { model: wide }, { frames: { everySeconds: 1.5 } });
    expect(frames.map(({ facts }) => facts)).toEqual(
      [0, 1.5].map((at) => ({ kind: 'frame', at, width: 64, height: 48, taken: Date.UTC(2024, 6, 31, 12) })),
    );
    run('-ss', '1.5', '-i', video, '-frames:v', '1', still);
    expect(existsSync(still)).toBe(true);
    expect(frames[1]?.image).toEqual(fitToModel(await decodeImage(still), wide.preprocessing));
  });

  it.each([
    ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n'],
    ['a list of files', 'ffconcat version 1.0\nfile real.mkv\n'],
    ['text', 'hello'],
  ])('do not come from %s', async (name, text) => {
    const video = join(path.folder, `${name}.mp4`);
    writeFileSync(video, text);
    await expect(readAll(video, { model }, every2)).rejects.toThrow(
      /can't be decoded, as ffprobe says \(Inv/,
    );
  });
});
