import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEmojiDataset } from '../../datasets/emoji/buildDataset.ts';
import { buildEmojiTexts } from '../../datasets/emoji/buildTexts.ts';
import type { EmojiTexts } from '../../datasets/emoji/dataset.ts';
import { canonicalText } from '../../datasets/emoji/texts/annotations.ts';
import { familyOf, sequenceId } from '../../datasets/emoji/texts/sequence.ts';

describe('buildEmojiTexts, all emoji and locales', () => {
  let data: EmojiTexts;
  beforeAll(async () => {
    data = await buildEmojiTexts({ seed: 0 });
  }, 60_000);

  // Counted once from the pinned packages with an independent Python script.
  it('has the counted concepts, locales and names', () => {
    expect(data.counts).toMatchObject({
      concepts: 3372,
      skinToneConcepts: 1520,
      locales: 105,
      names: 352_661,
    });
    expect(new Set(data.locales.map((locale) => locale.language)).size).toBe(101);
    expect(data.locales.filter((locale) => locale.branch === 'Other')).toEqual([]);
  });

  it('knows names in several scripts', () => {
    const apple = data.concepts.findIndex((concept) => concept.emoji === '🍎');
    expect(data.concepts[apple]).toMatchObject({ id: '1f34e', englishName: 'red apple', skinTone: false });
    expect(data.names('de')[apple]).toBe('roter Apfel');
    expect(data.names('ja')[apple]).toBe('赤リンゴ');
    expect(data.keywords('en')[apple]).toContain('fruit');
    const hand = data.concepts.find((concept) => concept.id === '1f44b-1f3fb')!;
    expect(data.names('de')[hand.index]).toBe('winkende Hand: helle Hautfarbe');
    expect([hand.emoji, hand.codepoints, hand.family]).toEqual(['👋🏻', [0x1f44b, 0x1f3fb], '1f44b']);
  });

  it('holds out about a tenth, in whole families, and five locales', () => {
    const heldOut = data.concepts.filter((concept) => concept.split === 'heldOut');
    const plain = heldOut.filter((concept) => !concept.skinTone).length;
    expect(plain / (3372 - 1520)).toBeGreaterThan(0.099);
    expect(plain / (3372 - 1520)).toBeLessThan(0.105);
    const families = new Set(heldOut.map((concept) => concept.family));
    for (const concept of data.concepts)
      expect(concept.split === 'heldOut').toBe(families.has(familyOf(concept.id)));
    expect(data.locales.filter((locale) => locale.split === 'heldOut').length).toBe(5);
  });

  it('has no name of a held-out concept, in any locale, among the training texts', () => {
    const heldOutNames = new Set<string>();
    for (const { id } of data.locales) {
      for (const { index, split } of data.concepts) {
        const name = data.names(id)[index];
        if (split === 'heldOut' && name !== undefined) heldOutNames.add(canonicalText(name));
      }
    }
    let leaks = 0;
    let texts = 0;
    for (const [locale, { names, keywords }] of data.trainTexts) {
      expect(data.locales.find(({ id }) => id === locale)!.split).toBe('train');
      for (const { index, split } of data.concepts) {
        const shown = [...(names[index] === undefined ? [] : [names[index]]), ...keywords[index]!];
        texts += shown.length;
        if (split === 'heldOut') leaks += shown.length;
        for (const text of shown) if (heldOutNames.has(canonicalText(text))) leaks++;
      }
    }
    expect(leaks).toBe(0);
    expect(texts).toBe(data.counts.trainNames + data.counts.trainKeywords);
    expect(data.counts.droppedNames).toBeGreaterThan(0);
  });

  it('draws training pairs from the training split alone', () => {
    const sampler = data.trainSampler({ seed: 0, batchSize: 256, keywordProbability: 0.3 });
    for (let step = 0; step < sampler.batchesPerEpoch; step++) {
      const items = sampler.batchAt(step);
      expect(new Set(items.map((item) => item.concept)).size).toBe(256);
      // One expectation for all of them: there are many.
      const wrong = items.filter(
        ({ concept, locale, style, text }) =>
          data.concepts[concept]!.split !== 'train' ||
          !data.trainTexts.has(locale) ||
          !data.trainStyles.includes(style) ||
          // Fluent's country flags are Noto's, the held-out style.
          (data.concepts[concept]!.subgroup === 'country-flag' && style === 'fluent') ||
          text === '',
      );
      expect(wrong).toEqual([]);
    }
    expect(data.trainStyles).not.toContain(data.heldOutStyle);
  });

  it('asks for what its evaluation sets say', () => {
    const splitOf = new Map(data.locales.map(({ id, split }) => [id, split]));
    const byName = new Map(data.evaluationSets.map((set) => [set.name, set]));
    expect(byName.size).toBe(16);
    for (const set of byName.values()) {
      const candidates = new Set(set.candidates);
      expect(set.targets.every((target) => candidates.has(target))).toBe(true);
      const conceptSplit = set.name.startsWith('held-out-concepts') ? 'heldOut' : 'train';
      expect(set.targets.every((target) => data.concepts[target]!.split === conceptSplit)).toBe(true);
      const localeSplit = set.name.startsWith('held-out-locales') ? 'heldOut' : 'train';
      expect(set.locales.every((locale) => splitOf.get(locale) === localeSplit)).toBe(true);
      expect(set.style === data.heldOutStyle).toBe(set.name.includes('/held-out-style'));
      expect(candidates.size).toBeGreaterThan(100);
    }
    const main = byName.get('seen-concepts/held-out-style')!;
    expect([main.candidates.length >= 3000, main.locales.length]).toEqual([true, 100]);
    const familiar = byName.get('held-out-locales/held-out-style')!;
    const novel = byName.get('held-out-locales-novel/held-out-style')!;
    const seen = new Set(
      [...data.trainTexts.values()]
        .flatMap(({ names }) => names.filter((name) => name !== undefined))
        .map(canonicalText),
    );
    for (const locale of novel.locales) {
      const asked = data.queries(novel, locale);
      expect(asked.length).toBeLessThan(data.queries(familiar, locale).length + 1);
      expect(asked.filter((concept) => seen.has(canonicalText(data.names(locale)[concept]!)))).toEqual([]);
    }
  });

  it('does not ask for borrowed drawings when their maker was trained on', async () => {
    const fluent = await buildEmojiTexts({
      seed: 0,
      heldOut: { style: 'fluent', locales: 0 },
      locales: ['en'],
    });
    const isFlag = (concept: number): boolean => fluent.concepts[concept]!.subgroup === 'country-flag';
    for (const set of fluent.evaluationSets) {
      expect(set.candidates.some(isFlag)).toBe(set.style !== 'fluent');
    }
  });

  it('refuses an unknown locale', () => {
    expect(() => data.names('xx')).toThrow("no locale 'xx'");
  });
});

describe('buildEmojiDataset, a few emoji', () => {
  const few = [...'🍎🍐🍊🍋🍌🍉🍇🍓🥕🌽'].map(sequenceId);
  const options = {
    seed: 1,
    only: [...few, '1f44b', '1f44b-1f3fb'],
    minimumNames: 12,
    size: 24,
    locales: ['en', 'ja', 'ka', 'de'],
  };
  let cacheDir: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'emoji-dataset-'));
  });
  afterAll(async () => {
    await rm(cacheDir, { recursive: true });
  });

  it('gives pictures of every style, the same each time', async () => {
    const heldOut = { conceptFraction: 0.3, style: 'openmoji', locales: ['de', 'ka'] } as const;
    const digest = async (): Promise<string> => {
      const data = await buildEmojiDataset({ ...options, cacheDir, heldOut });
      expect([data.heldOutStyle, data.counts.concepts, data.size]).toEqual(['openmoji', 12, 24]);
      const hash = createHash('sha256').update(JSON.stringify(data.concepts));
      for (const style of [...data.trainStyles, data.heldOutStyle]) {
        expect([...data.pictureClasses(style)]).toEqual(data.concepts.map((concept) => concept.index));
        for (const { index } of data.concepts) hash.update(data.picture(style, index));
      }
      return hash
        .update(JSON.stringify(data.trainSampler({ seed: 2, batchSize: 4 }).batchAt(9)))
        .digest('hex');
    };
    expect(await digest()).toBe(await digest());
  }, 60_000);

  it('shows a concept in a style that draws some emoji only where that style draws it', async () => {
    const used = ['twemoji', 'noto', 'emojione-v1', 'fxemoji'] as const;
    const data = await buildEmojiDataset({ ...options, cacheDir, styles: used, heldOut: { locales: 0 } });
    expect(data.trainStyles).toEqual(['twemoji', 'emojione-v1', 'fxemoji']);
    const toned = data.concepts.find(({ skinTone }) => skinTone)!.index;
    const apple = data.concepts.find(({ id }) => id === '1f34e')!.index;
    expect([...data.trainStylesOf(toned)]).toEqual(['twemoji']);
    expect(data.trainStylesOf(apple)).toEqual(data.trainStyles);
    expect(data.draws('fxemoji', toned)).toBe(false);
    expect(() => data.picture('fxemoji', toned)).toThrow(`fxemoji does not draw concept ${toned}`);
    expect(Buffer.compare(data.picture('fxemoji', apple), data.picture('emojione-v1', apple))).not.toBe(0);
    expect([...data.pictureClasses('fxemoji')]).toEqual(data.concepts.map(({ index }) => index));
    expect(() => data.picture('fluent', apple)).toThrow('fluent was not loaded');
  }, 60_000);

  it('refuses what cannot be built', async () => {
    await expect(buildEmojiTexts({ seed: 0, only: ['41'] })).rejects.toThrow("only names '41'");
    await expect(buildEmojiTexts({ seed: 0, styles: ['twemoji', 'fluent'] })).rejects.toThrow(
      'they must have the held-out style noto',
    );
    await expect(buildEmojiTexts({ ...options, minimumNames: 13 })).rejects.toThrow(
      'English names fewer than 13 of 12 emoji',
    );
    await expect(buildEmojiTexts({ ...options, locales: ['de'] })).rejects.toThrow("add 'en'");
    await expect(buildEmojiTexts({ seed: 0, styles: ['noto'] })).rejects.toThrow('at least one other');
    await expect(buildEmojiTexts({ seed: 0, styles: ['noto', 'fxemoji'] })).rejects.toThrow(
      'at least one other of those that draw every emoji',
    );
  });
});
