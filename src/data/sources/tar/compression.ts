import { openWindow } from './fileWindow.ts';

interface Compression {
  readonly name: string;
  /** What to do about it, after a colon. */
  readonly remedy: string;
}

/** First bytes of files that people call archives. */
const FORMS: readonly (readonly [number[], Compression])[] = [
  [[0x1f, 0x8b], { name: 'compressed with gzip', remedy: 'unpack it first, gunzip FILE' }],
  [[0x28, 0xb5, 0x2f, 0xfd], { name: 'compressed with zstd', remedy: 'unpack it first, unzstd FILE' }],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], { name: 'compressed with xz', remedy: 'unpack it first, unxz FILE' }],
  [[0x42, 0x5a, 0x68], { name: 'compressed with bzip2', remedy: 'unpack it first, bunzip2 FILE' }],
  [[0x50, 0x4b, 3, 4], { name: 'a ZIP file', remedy: 'unpack it and give the folder' }],
];

/** What a file is compressed with, by its first bytes; undefined for anything else. */
export async function compressionOf(path: string): Promise<Compression | undefined> {
  const file = await openWindow(path);
  try {
    const first = await file.bytes(0, Math.min(6, file.size));
    return FORMS.find(([magic]) => magic.every((byte, i) => first[i] === byte))?.[1];
  } finally {
    await file.close();
  }
}
