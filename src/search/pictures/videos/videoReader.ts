import { stat } from 'node:fs/promises';
import { DEFAULT_MAX_PIXELS } from '../../../input/image/decode/decodeImage.ts';
import { pathRemedy } from '../../../input/pathRemedy.ts';
import { fitted } from '../fitted.ts';
import { mapReading } from '../mapReading.ts';
import type { PictureReader, ReadOptions, ReadPicture } from '../pictures.ts';
import { onPath } from '../tools/onPath.ts';
import { missingPart } from './missingPart.ts';
import { probeVideo } from './probeVideo.ts';
import { videoFrames } from './videoFrames.ts';

/** Endings of videos. Not `.ts`, which is more often a program in TypeScript. */
export const VIDEO_EXTENSIONS: readonly string[] = [
  ...['mp4', 'm4v', 'mov', 'qt', 'mkv', 'webm', 'avi', 'mpg', 'mpeg', 'mts', 'm2ts', 'vob', '3gp', '3g2'],
  ...['wmv', 'asf', 'flv', 'f4v', 'ogv', 'mxf', 'dv'],
];

export const NEEDED =
  'frames of videos need ffmpeg and ffprobe on the PATH (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg): install them, or leave videos out';

/**
 * Most frames that a file of so many bytes may give. A time that is far off, by damage or on purpose, would repeat the frame
 * before it for years; even a recording in which nothing moves has more bytes.
 */
const mostFrames = (bytes: number): number => Math.max(1000, bytes / 64);

/** Frames of a video, and when and where it was taken; in the end what is missing of it. @throws Error, `PATH: REASON` */
async function* frames(
  tools: { readonly ffmpeg: string; readonly ffprobe: string },
  everySeconds: number,
  path: string,
  { model, signal }: ReadOptions,
): AsyncGenerator<ReadPicture, string | undefined> {
  const maxPixels = model.decode.maxPixels ?? DEFAULT_MAX_PIXELS;
  try {
    const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`can't be read (${cause.code}): ${pathRemedy(path)}.`, { cause });
    });
    // A pipe has no end.
    if (!found.isFile()) throw new Error('is not a file: give the path of a video.');
    if (found.size === 0) throw new Error('is empty: give a complete video.');
    const video = await probeVideo(tools.ffprobe, path, maxPixels, signal);
    const { stream: _, pixelShape: __, length, ...facts } = video;
    let number = 0;
    const images = videoFrames(tools.ffmpeg, path, video, { everySeconds, maxPixels, signal });
    const end = yield* mapReading(images, (image): ReadPicture => {
      if (number >= mostFrames(found.size))
        throw new Error(`has more than ${number} frames in ${found.size} bytes: its times are damaged.`);
      const { width, height } = image;
      // Whole microseconds: 3 × 0.1 is 0.3.
      const at = Math.round(number++ * everySeconds * 1e6) / 1e6;
      return { facts: { kind: 'frame', at, width, height, ...facts }, image: fitted(image, path, model) };
    });
    return missingPart(number, everySeconds, length, end);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(message.startsWith(`${path}: `) ? message : `${path}: ${message}`, { cause });
  }
}

/** @throws Error saying what to install, where ffmpeg is not on the PATH */
export function videoReader(everySeconds: number): PictureReader {
  const [ffmpeg, ffprobe] = [onPath('ffmpeg'), onPath('ffprobe')];
  if (ffmpeg === undefined || ffprobe === undefined) throw new Error(NEEDED);
  return {
    how: `frames every=${everySeconds}`,
    read: (path, options) => frames({ ffmpeg, ffprobe }, everySeconds, path, options),
  };
}
