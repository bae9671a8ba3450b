import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEmojiDataset } from '../../../../datasets/emoji/buildDataset.ts';
import type { EmojiDataset } from '../../../../datasets/emoji/dataset.ts';
import { sequenceId } from '../../../../datasets/emoji/texts/sequence.ts';

const EMOJI = [...'🍎🍐🍊🍋🍌🍉🍇🍓🥕🌽🐶🐱🐭🦊🐻🐼🚗🚌🚲⚽🎸🔑', '🇫🇷', '🇯🇵', '👋', '👋🏻'];

/** A small data set with held-out concepts, style (noto) and locales (de, ka), flags and a skin tone. */
export async function smallDataset(): Promise<EmojiDataset> {
  return buildEmojiDataset({
    seed: 3,
    only: EMOJI.map(sequenceId),
    minimumNames: 10,
    size: 32,
    locales: ['en', 'fr', 'ja', 'de', 'ka'],
    heldOut: { conceptFraction: 0.3, locales: ['de', 'ka'] },
    cacheDir: await mkdtemp(join(tmpdir(), 'emoji-scenes-')),
  });
}
