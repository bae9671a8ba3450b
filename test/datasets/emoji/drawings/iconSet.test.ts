import { describe, expect, it } from 'vitest';
import { iconDocument, matchIcons, readIconSet } from '../../../../datasets/emoji/drawings/iconSet.ts';

describe('matching icons to emoji by name', () => {
  it('overlooks capitals, punctuation, accents and how flags are written', () => {
    const icons = ['mrs-claus', 'flag-for-aland-islands', 'thumbsup', 'salt-and-pepper'];
    const emoji = [
      { id: 'a', names: ['Mrs. Claus'] },
      { id: 'b', names: ['flag: Åland Islands'] },
      { id: 'c', names: ['thumbs up'] },
      { id: 'd', names: ['salt & pepper'] },
      { id: 'e', names: ['thumbs down'] },
    ];
    const matched = matchIcons(icons, emoji);
    expect([...matched]).toEqual(['a', 'b', 'c', 'd'].map((id, i) => [id, icons[i]]));
  });

  it('gives an icon to the emoji that it names best, and to one only', () => {
    const icons = ['dog', 'poodle'];
    const emoji = [
      { id: 'face', names: ['dog face', 'DOG'] },
      { id: 'dog', names: ['dog', 'POODLE'] },
    ];
    expect(matchIcons(icons, emoji)).toEqual(new Map([['dog', 'dog']]));
    expect(matchIcons(['dog-face', 'dog'], emoji)).toEqual(
      new Map([
        ['face', 'dog-face'],
        ['dog', 'dog'],
      ]),
    );
  });

  it('takes the first of several numbered drawings, unless one has no number', () => {
    const emoji = [{ id: 'bat', names: ['bat'] }];
    expect(matchIcons(['bat-1', 'bat-2'], emoji).get('bat')).toBe('bat-1');
    expect(matchIcons(['bat-1', 'bat'], emoji).get('bat')).toBe('bat');
    expect(matchIcons(['bat-2'], emoji).size).toBe(0);
  });
});

describe('icon sets', () => {
  it('makes documents of the icon’s own size or the set’s', () => {
    const set = {
      width: 72,
      height: 64,
      icons: { plain: { body: '<path d="M0 0"/>' }, wide: { body: '<g/>', width: 128 } },
    };
    expect(iconDocument(set, 'plain')).toContain(
      'width="72" height="64" viewBox="0 0 72 64"><path d="M0 0"/></svg>',
    );
    expect(iconDocument(set, 'wide')).toContain('viewBox="0 0 128 64"');
    expect(() => iconDocument(set, 'none')).toThrow("no icon 'none'");
  });

  it('are read by code point where listed, else by name', async () => {
    const listed = await readIconSet('@iconify-json/fluent-emoji-flat');
    expect(listed.get('1f44b-1f3fd')).toMatch(/^<svg .*<\/svg>$/s);
    expect(listed.size).toBeGreaterThan(3000);
    const named = await readIconSet('@iconify-json/emojione');
    // Red apple, Germany's flag, a waving hand of medium skin tone.
    for (const id of ['1f34e', '1f1e9-1f1ea', '1f44b-1f3fd']) expect(named.has(id)).toBe(true);
    expect(named.size).toBeGreaterThan(1700);
    expect(new Set(named.values()).size).toBeGreaterThan(1600);
  });
});
