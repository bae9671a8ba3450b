import { describe, expect, it } from 'vitest';
import { holdOutConcepts, holdOutLocales } from '../../../datasets/emoji/split.ts';
import { describeLocale } from '../../../datasets/emoji/texts/languages.ts';
import { familyOf, hasSkinTone, sequenceId } from '../../../datasets/emoji/texts/sequence.ts';
import { trainTexts } from '../../../datasets/emoji/texts/texts.ts';

const hands = ['👋', '👋🏻', '👋🏿', '🤚', '🤚🏻', '🖖', '🖖🏽', '🤷', '🤷‍♂️', '🤷🏻‍♀️', '🧑‍🚀', '👨🏿‍🚀'];
const things = [...'🍎🍐🍊🍋🍌🍉🍇🍓🍈🍒🍑🥭🍍🥥🥝🍅🍆🥑🥦🥬'];
const concepts = [...hands, ...things].map((emoji) => {
  const id = sequenceId(emoji);
  return { id, skinTone: hasSkinTone(id) };
});

describe('holdOutConcepts', () => {
  it('holds out whole families, about the fraction asked for, by seed', () => {
    const sets = [0, 1, 2, 3].map((seed) => holdOutConcepts(concepts, seed, 0.4));
    for (const heldOut of sets) {
      const plain = concepts.filter((concept) => heldOut.has(concept.id) && !concept.skinTone).length;
      // 26 emoji without skin tone; the last family may bring one more than wanted.
      expect(plain).toBeGreaterThanOrEqual(10);
      expect(plain).toBeLessThanOrEqual(11);
      const families = new Set([...heldOut].map(familyOf));
      for (const { id } of concepts) expect(heldOut.has(id)).toBe(families.has(familyOf(id)));
    }
    expect(new Set(sets.map((set) => [...set].sort().join())).size).toBe(4);
    expect(holdOutConcepts(concepts, 3, 0.4)).toEqual(sets[3]);
  });

  it('does not depend on the order of the concepts', () => {
    expect([...holdOutConcepts([...concepts].reverse(), 5, 0.3)].sort()).toEqual(
      [...holdOutConcepts(concepts, 5, 0.3)].sort(),
    );
  });

  it('allows none and refuses all', () => {
    expect(holdOutConcepts(concepts, 0, 0).size).toBe(0);
    expect(() => holdOutConcepts(concepts, 0, 1)).toThrow('heldOut.conceptFraction is 1');
    expect(() => holdOutConcepts(concepts, 0, Number.NaN)).toThrow('heldOut.conceptFraction is NaN');
  });
});

describe('holdOutLocales', () => {
  const locales = 'ca cs de el en es eu fr hy it ja ka ko pl ru sq sr sr-Latn sv ta te th'
    .split(' ')
    .map(describeLocale);
  const branchOf = (id: string): string => describeLocale(id).branch;

  it('takes three with relatives left in training and two alone in their branch', () => {
    for (let seed = 0; seed < 20; seed++) {
      const heldOut = holdOutLocales(locales, seed, 5);
      expect(heldOut.length).toBe(5);
      const seenBranches = new Set(
        locales.filter(({ id }) => !heldOut.includes(id)).map(({ branch }) => branch),
      );
      expect(heldOut.filter((id) => seenBranches.has(branchOf(id))).length).toBe(3);
      // The same language in another script would stay in training; English is the pivot.
      for (const id of ['en', 'sr', 'sr-Latn']) expect(heldOut).not.toContain(id);
    }
    expect(holdOutLocales(locales, 1, 5)).not.toEqual(holdOutLocales(locales, 2, 5));
    expect(holdOutLocales(locales, 1, 5)).toEqual(holdOutLocales([...locales], 1, 5));
  });

  it('takes named locales as they are and checks them', () => {
    expect(holdOutLocales(locales, 0, ['te', 'de'])).toEqual(['de', 'te']);
    expect(holdOutLocales(locales, 0, 0)).toEqual([]);
    expect(() => holdOutLocales(locales, 0, ['xx'])).toThrow("heldOut.locales names 'xx'");
    expect(() => holdOutLocales(locales, 0, 500)).toThrow('can be held out');
    expect(() => holdOutLocales(locales, 0, 1.5)).toThrow('heldOut.locales is 1.5');
  });
});

describe('trainTexts', () => {
  // Concepts: sun (seen), sun with face (held out), star (seen). Locales a and b are seen, c is held out.
  const all = new Map([
    [
      'a',
      {
        names: ['Sun', 'sun with face', 'star'],
        keywords: [['sonne', 'bright'], ['face'], ['SUN WITH  FACE']],
      },
    ],
    ['b', { names: ['sol', 'soleil', 'Sonne'], keywords: [['yellow'], ['sunny'], ['night']] }],
    ['c', { names: ['sun', 'sonne', undefined], keywords: [[], [], []] }],
  ]);
  const train = trainTexts(all, [false, true, false], ['c']);

  it('leaves out held-out concepts and locales', () => {
    expect([...train.byLocale.keys()]).toEqual(['a', 'b']);
    for (const { names, keywords } of train.byLocale.values()) {
      expect(names[1]).toBeUndefined();
      expect(keywords[1]).toEqual([]);
    }
  });

  it('drops texts that name a held-out concept in any locale, letter case and spaces aside', () => {
    // 'sonne' is the held-out concept's name in locale c; 'sun with face' in locale a.
    expect(train.byLocale.get('a')).toEqual({
      names: ['Sun', undefined, 'star'],
      keywords: [['bright'], [], []],
    });
    expect(train.byLocale.get('b')).toEqual({
      names: ['sol', undefined, undefined],
      keywords: [['yellow'], [], ['night']],
    });
    expect([train.droppedNames, train.droppedKeywords]).toEqual([1, 2]);
    expect([...train.canonical].sort()).toEqual(['bright', 'night', 'sol', 'star', 'sun', 'yellow']);
  });
});
