import { resolve } from 'node:path';

/**
 * Containers that are opened. Playlists and lists of files (HLS, concat, image sequences), which name other files, are not
 * among them, whatever a file's name ends with.
 */
const CONTAINERS = [
  ...['mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm', 'avi', 'mpeg', 'mpegts', 'mpegvideo', 'flv', 'asf', 'ogg'],
  ...['mxf', 'dv', 'h264', 'hevc', 'm4v', 'ivf', 'nut', 'rm', 'wtv'],
];

/** Most bytes of one piece of memory that the programs may ask for. */
const MOST_PIECE = 2 ** 30;

/**
 * Arguments by which ffmpeg and ffprobe open a file, as a file and nothing else: no other protocol, no other files.
 * @param maxPixels of a frame
 */
export const videoInput = (path: string, maxPixels: number): string[] => [
  ...['-max_alloc', String(MOST_PIECE)],
  ...['-protocol_whitelist', 'file'],
  ...['-format_whitelist', CONTAINERS.join(',')],
  ...['-max_pixels', String(maxPixels)],
  // With the protocol before it no name is taken for an option, or for another protocol's address.
  ...['-i', `file:${resolve(path)}`],
];
