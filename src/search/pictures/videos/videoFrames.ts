import { spawn } from 'node:child_process';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { complaintOf } from '../tools/runTool.ts';
import type { DecodingEnd } from './missingPart.ts';
import { ppmImages } from './ppmImages.ts';
import type { VideoFacts } from './probeVideo.ts';
import { videoInput } from './videoInput.ts';

export interface FrameSettings {
  readonly everySeconds: number;
  /** Most pixels of a frame. */
  readonly maxPixels: number;
  readonly signal?: AbortSignal | undefined;
}

/** Most milliseconds to wait for a frame: six hours. */
const MOST_PATIENCE = 21_600_000;

/** Milliseconds to wait for a frame: some, and as many again as if the video were decoded at a thirtieth of its speed. */
const patienceFor = (everySeconds: number): number => Math.min(60_000 + 30_000 * everySeconds, MOST_PATIENCE);

/**
 * The frame that is shown at each time, in square pixels: `fps` gives the last one whose time, rounded up, is not after it.
 */
function filters({ pixelShape }: VideoFacts, everySeconds: number): string {
  const frames = `fps=fps=1/${everySeconds}:start_time=0:round=up`;
  return pixelShape === 1 ? frames : `${frames},scale=round(iw*${pixelShape}):ih,setsar=1`;
}

/**
 * Frames of a video at 0 s and after every so many seconds, upright, decoded by ffmpeg as they are asked for. A video that
 * is broken in the middle gives the frames before, as players do.
 * @returns in the end how it ended
 * @throws Error with the reason where there is no frame, or where ffmpeg hangs or crashes; the signal's reason
 */
export async function* videoFrames(
  ffmpeg: string,
  path: string,
  video: VideoFacts,
  { everySeconds, maxPixels, signal }: FrameSettings,
): AsyncGenerator<RgbImage, DecodingEnd> {
  const args = [
    ...['-nostdin', '-v', 'error', '-threads', '1'],
    ...videoInput(path, maxPixels),
    ...['-map', `0:${video.stream}`, '-vf', filters(video, everySeconds)],
    ...['-c:v', 'ppm', '-pix_fmt', 'rgb24', '-threads', '1', '-f', 'image2pipe', 'pipe:1'],
  ];
  const child = spawn(ffmpeg, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const complaint = complaintOf(child);
  const closed = new Promise<{ readonly code: number | null; readonly killed: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, killed) => resolve({ code, killed }));
    },
  );
  closed.catch(() => {});
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  let silent = false;
  const patience = patienceFor(everySeconds);
  /** The next frame, with a watch only while it is waited for: whoever uses frames may take their time. */
  const within = async <T>(work: Promise<T>): Promise<T> => {
    const watch = setTimeout(() => {
      silent = true;
      stop();
    }, patience);
    return await work.finally(() => clearTimeout(watch));
  };
  const images = ppmImages(child.stdout, maxPixels);
  let count = 0;
  try {
    for (;;) {
      const { done, value } = await within(images.next());
      if (done) break;
      count++;
      yield value;
    }
    const { code, killed } = await within(closed);
    if (killed !== null) throw new Error(`ended by ${killed}`);
    if (count === 0) throw new Error(complaint() || 'no frame in it can be decoded');
    return { isFailed: code !== 0, complaint: complaint() };
  } catch (error) {
    signal?.throwIfAborted();
    if (silent) throw new Error(`gave no frame for ${patience / 1000} s`, { cause: error });
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    await images.return(undefined);
  }
}
