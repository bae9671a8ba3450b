import { z } from 'zod';
import type { PictureFacts } from '../../collection/picture.ts';
import { runTool } from '../tools/runTool.ts';
import { videoInput } from './videoInput.ts';

const tagsSchema = z.record(z.string(), z.string()).catch({});

/** Numbers that ffprobe writes as text. */
const numeral = z.coerce.number().optional().catch(undefined);

const probeSchema = z.object({
  streams: z.array(
    z.object({
      index: z.number(),
      width: z.number().catch(0),
      height: z.number().catch(0),
      duration: numeral,
      nb_frames: numeral,
      avg_frame_rate: z.string().optional().catch(undefined),
      sample_aspect_ratio: z.string().optional().catch(undefined),
      disposition: z.object({ attached_pic: z.number() }).optional().catch(undefined),
      tags: tagsSchema.optional(),
    }),
  ),
  format: z.object({ duration: numeral, tags: tagsSchema.optional() }).optional(),
});

const ENTRIES = [
  'stream=index,width,height,sample_aspect_ratio,duration,nb_frames,avg_frame_rate',
  'stream_disposition=attached_pic',
  'stream_tags=creation_time,DURATION',
  'format=format_name,duration',
  'format_tags',
].join(':');

/** Milliseconds in which a file's headers have to be read. */
const PATIENCE = 60_000;

/** How long a video is, as its file says. */
export interface SaidLength {
  readonly seconds: number;
  /** Of the pictures alone; else it may be the sound that is so long. */
  readonly isOfPictures: boolean;
}

/** What is known of a video before it is decoded. */
export interface VideoFacts extends Pick<PictureFacts, 'taken' | 'latitude' | 'longitude'> {
  /** The number of its first stream of pictures; a cover is none. */
  readonly stream: number;
  /** How much wider than high a pixel is shown. */
  readonly pixelShape: number;
  /** Undefined where the file does not say it. */
  readonly length?: SaidLength | undefined;
}

/** @throws Error with the reason, for a file that is no video or has frames of more pixels than allowed */
export async function probeVideo(
  ffprobe: string,
  path: string,
  maxPixels: number,
  signal: AbortSignal | undefined,
): Promise<VideoFacts> {
  const args = [
    '-v',
    'error',
    ...videoInput(path, maxPixels),
    '-select_streams',
    'v',
    '-show_entries',
    ENTRIES,
  ];
  const { streams, format } = await runTool(ffprobe, [...args, '-of', 'json'], { patience: PATIENCE, signal })
    .then(({ stdout }) => probeSchema.parse(JSON.parse(stdout.toString())))
    .catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message.replace(/^file:.*?: /, '').slice(0, 200) : '';
      throw new Error(`can't be decoded, as ffprobe says (${reason}): give a complete video.`, { cause });
    });
  const stream = streams.find(({ disposition }) => disposition?.attached_pic !== 1);
  if (!stream) throw new Error('has no video in it');
  const { width, height } = stream;
  if (width * height > maxPixels)
    throw new Error(`has frames of ${width}×${height} pixels, more than the limit of ${maxPixels}`);
  const tags = { ...stream.tags, ...format?.tags };
  const taken = takenOf(tags);
  return {
    stream: stream.index,
    pixelShape: shapeOf(stream.sample_aspect_ratio),
    length: lengthOf(stream, format?.duration),
    ...(taken !== undefined && { taken }),
    ...placeOf(tags['com.apple.quicktime.location.ISO6709'] ?? tags['location']),
  };
}

type ProbedStream = z.output<typeof probeSchema>['streams'][number];

/** Of a file that is cut off ffprobe may know how much is there; how many frames there were to be stands in its headers. */
function lengthOf(stream: ProbedStream, whole: number | undefined): SaidLength | undefined {
  const [frames, seconds] = (stream.avg_frame_rate ?? '').split('/').map(Number);
  const [hours, minutes, rest] = (stream.tags?.['DURATION'] ?? '').split(':').map(Number);
  const said = [
    stream.duration,
    (stream.nb_frames ?? 0) * (seconds! / frames!),
    3600 * hours! + 60 * minutes! + rest!,
  ];
  const lengths = said.filter(
    (one): one is number => one !== undefined && one > 0 && one < Number.POSITIVE_INFINITY,
  );
  if (lengths.length > 0) return { seconds: Math.max(...lengths), isOfPictures: true };
  return whole !== undefined && whole > 0 ? { seconds: whole, isOfPictures: false } : undefined;
}

/** `4:3`; what is unknown or absurd is square. */
function shapeOf(ratio: string | undefined): number {
  const [wide, high] = (ratio ?? '').split(':').map(Number);
  const shape = wide! / high!;
  return shape >= 1 / 4 && shape <= 4 ? shape : 1;
}

/** A phone's own time names its zone. Containers without a time say 1904 or 1970. */
function takenOf(tags: Readonly<Record<string, string>>): number | undefined {
  const written = tags['com.apple.quicktime.creationdate'] ?? tags['creation_time'] ?? '';
  const time = Date.parse(written.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return time > 0 ? time : undefined;
}

/** `+37.3318-122.0312+010.000/` (ISO 6709). */
function placeOf(written: string | undefined): Pick<PictureFacts, 'latitude' | 'longitude'> {
  const [, north, east] =
    /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)(?:[+-/]|$)/.exec(written ?? '') ?? [];
  const [latitude, longitude] = [Number(north), Number(east)];
  const isPlace =
    Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude !== 0 || longitude !== 0);
  return isPlace ? { latitude, longitude } : {};
}
