import { describe, expect, it } from 'vitest';
import { mirrorsAlike } from '../../../../datasets/emoji/drawings/mirror.ts';
import { readEmojiTable } from '../../../../datasets/emoji/texts/emojiTable.ts';

describe('mirror images', () => {
  it('of things and faces have the same name; of hands, signs, flags, clocks and what has a twin facing right, not', async () => {
    const table = await readEmojiTable();
    const alike = (emoji: string): boolean => mirrorsAlike(table.find((row) => row.emoji === emoji)!);
    for (const emoji of ['😀', '🐶', '🍎', '🚗', '⚽', '👩', '👩‍🍳', '📚'])
      expect(alike(emoji), emoji).toBe(true);
    for (const emoji of ['👉', '➡️', '🇫🇷', '🕐', '🌒', '🔎', '🚶', '♈', '🔤', '💯', '🗨️'])
      expect(alike(emoji), emoji).toBe(false);
  });

  it('no emoji that faces right, or the one it was made from, may be mirrored', async () => {
    const table = await readEmojiTable();
    const facingRight = table.filter(({ id }) => id.endsWith('-200d-27a1'));
    expect(facingRight.length).toBeGreaterThan(50);
    for (const { id } of facingRight) {
      const left = table.find((row) => row.id === id.replace(/-200d-27a1$/, ''));
      for (const row of table.filter((other) => other.id === id || other === left))
        expect(mirrorsAlike(row), row.emoji).toBe(false);
    }
  });
});
