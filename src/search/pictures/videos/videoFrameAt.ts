import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { onPath } from '../tools/onPath.ts';
import { runTool } from '../tools/runTool.ts';
import { ppmImages } from './ppmImages.ts';
import { probeVideo, type VideoFacts } from './probeVideo.ts';
import { videoInput } from './videoInput.ts';
import { NEEDED } from './videoReader.ts';

/** Most pixels of the frame's sides. */
const MOST_SIDE = 2048;
const MOST_OUTPUT = 3 * MOST_SIDE * MOST_SIDE + 64;
/** Milliseconds that ffmpeg may take to find it. */
const PATIENCE = 60_000;
/** Seconds before the time that are looked through where no frame begins after it: the last one is shown to the end. */
const BEFORE = 5;

/** In square pixels, and no larger than is needed. */
function filters({ pixelShape }: VideoFacts): string {
  const square = pixelShape === 1 ? '' : `scale=round(iw*${pixelShape}):ih,setsar=1,`;
  return `${square}scale='min(${MOST_SIDE},iw)':'min(${MOST_SIDE},ih)':force_original_aspect_ratio=decrease`;
}

interface FrameQuestion {
  readonly maxPixels: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The frame of a video at a time, or the last before it; at most 2,048 pixels wide and high, upright.
 * @param at seconds
 * @throws Error with the reason where there is none, or no ffmpeg; the signal's reason
 */
export async function videoFrameAt(
  path: string,
  at: number,
  { maxPixels, signal }: FrameQuestion,
): Promise<RgbImage> {
  const [ffmpeg, ffprobe] = [onPath('ffmpeg'), onPath('ffprobe')];
  if (ffmpeg === undefined || ffprobe === undefined) throw new Error(NEEDED);
  const video = await probeVideo(ffprobe, path, maxPixels, signal);
  const first = async (from: number, last: readonly string[]): Promise<RgbImage | undefined> => {
    const args = [
      ...['-nostdin', '-v', 'error', '-threads', '1', '-ss', String(from)],
      ...videoInput(path, maxPixels),
      ...['-map', `0:${video.stream}`, '-vf', [filters(video), ...last].join(',')],
      ...[
        '-frames:v',
        '1',
        '-c:v',
        'ppm',
        '-pix_fmt',
        'rgb24',
        '-threads',
        '1',
        '-f',
        'image2pipe',
        'pipe:1',
      ],
    ];
    const { stdout } = await runTool(ffmpeg, args, { patience: PATIENCE, mostOutput: MOST_OUTPUT, signal });
    for await (const image of ppmImages(chunks(stdout), maxPixels)) return image;
    return undefined;
  };
  const found = (await first(at, [])) ?? (await first(Math.max(0, at - BEFORE), ['reverse']));
  if (!found) throw new Error(`no frame at ${at} s can be decoded`);
  return found;
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
