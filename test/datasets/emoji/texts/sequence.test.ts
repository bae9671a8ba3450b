import { describe, expect, it } from 'vitest';
import {
  familyOf,
  hasSkinTone,
  sequenceId,
  sequenceIdFromHex,
} from '../../../../datasets/emoji/texts/sequence.ts';

describe('sequence identifiers', () => {
  it('are the same for text, file names and code lists of one emoji', () => {
    expect(sequenceId('#️⃣')).toBe('23-20e3');
    expect(sequenceIdFromHex('0023-FE0F-20E3')).toBe('23-20e3');
    expect(sequenceIdFromHex('1f468-200d-2764-fe0f-200d-1f468')).toBe(sequenceId('👨‍❤️‍👨'));
    expect(sequenceIdFromHex('00a9')).toBe(sequenceId('©️'));
  });

  it('tell skin-tone variants from swatches and plain emoji', () => {
    expect(hasSkinTone(sequenceId('👋🏽'))).toBe(true);
    expect(hasSkinTone(sequenceId('🧑🏿‍🚀'))).toBe(true);
    expect(hasSkinTone(sequenceId('🏽'))).toBe(false);
    expect(hasSkinTone(sequenceId('👋'))).toBe(false);
  });
});

describe('familyOf', () => {
  const family = (emoji: string): string => familyOf(sequenceId(emoji));

  it.each([
    ['skin tone', ['👋', '👋🏻', '👋🏿']],
    ['gender sign', ['🤷', '🤷‍♂️', '🤷🏽‍♀️']],
    ['gendered person', ['🧑‍🚀', '👨‍🚀', '👩🏾‍🚀']],
    ['hair and age-neutral adults', ['🧑', '👨', '👩🏼', '👱‍♀️', '🧔', '👩‍🦰', '🧑🏿‍🦲']],
    ['pairs encoded in two ways', ['👫', '👬', '👭🏽', '🧑‍🤝‍🧑', '👩🏻‍🤝‍👨🏿']],
    ['kisses', ['💏', '👩‍❤️‍💋‍👨', '👨🏻‍❤️‍💋‍👨🏿', '🧑🏻‍❤️‍💋‍🧑🏿']],
    ['couples', ['💑', '👩‍❤️‍👩', '🧑🏻‍❤️‍🧑🏿']],
    ['families', ['👪', '👨‍👩‍👦', '👩‍👧‍👦', '👨‍👦']],
    ['handshakes', ['🤝', '🤝🏽', '🫱🏻‍🫲🏿']],
    ['facing right', ['🚶', '🚶🏽‍♀️', '🚶‍➡️', '🚶🏻‍♂️‍➡️']],
    ['swatches', ['🏻', '🏿']],
    ['one drawing for two flags', ['🇮🇩', '🇲🇨']],
  ])('joins variants by %s', (_, emoji) => {
    expect(new Set(emoji.map(family)).size).toBe(1);
  });

  it('keeps different things apart', () => {
    const different = [
      '👋',
      '🤚',
      '🧑‍🚀',
      '🧑‍🚒',
      '🧑',
      '💏',
      '💑',
      '👪',
      '🇫🇷',
      '🇩🇪',
      '⌚',
      '1️⃣',
      '2️⃣',
      '🐱',
      '🐶',
    ];
    expect(new Set(different.map(family)).size).toBe(different.length);
  });
});
