import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../../src/input/text/canonicalize.ts';
import { PROMPT_TEMPLATES, promptsFor } from '../../../src/input/text/prompts.ts';
import { reference } from './fixtures.ts';

describe('canonicalize', () => {
  test('as big_vision’s `_canonicalize` does', () => {
    expect(canonicalize('A photo of a {}.', { keepBraces: true })).toBe('a photo of a {}');
    expect(canonicalize('Great_White, Shark!', { keepCommas: true })).toBe('great white, shark');
  });

  test("equals Python's rules on hard texts: control characters, scripts, braces", () => {
    const texts = reference.texts.filter((_, i) => reference.locales[i] === '');
    const options = [{}, { keepBraces: true }, { keepCommas: true }];
    expect(texts).toHaveLength(reference.canonical.length);
    texts.forEach((text, i) => {
      expect(options.map((option) => canonicalize(text, option))).toEqual(reference.canonical[i]);
    });
  });
});

describe('templates', () => {
  test('81 in clip_paper and 8 in clip_best, all different', () => {
    const { clip_paper, clip_best } = PROMPT_TEMPLATES;
    expect([clip_paper.length, clip_best.length]).toEqual([81, 8]);
    expect(new Set(clip_paper).size).toBe(81);
    expect(clip_best.every((template) => clip_paper.includes(template))).toBe(true);
  });

  test('are those of the reference', () => {
    // SHA-256 of big_vision's CLIP_PAPER_PROMPT_TEMPLATES joined by line ends.
    const hash = createHash('sha256').update(PROMPT_TEMPLATES.clip_paper.join('\n')).digest('hex');
    expect(hash).toBe('617764ae37ca494aff67b36e2f3b3919d44fd3eeb5b4dba56f207ad6723c3d05');
  });
});

describe('promptsFor', () => {
  test('canonical names in canonical templates', () => {
    expect(promptsFor('Tench, Tinca_tinca', 'clip_best').slice(-2)).toEqual([
      'a photo of the small tench, tinca tinca',
      'tench, tinca tinca',
    ]);
    expect(promptsFor('x', 'clip_paper')).toContain('a closeup photo of a x');
  });

  test('as written when asked', () => {
    expect(promptsFor('$& Ö', ['Foto: {}!'], { canonical: false })).toEqual(['Foto: $& Ö!']);
  });

  test('a template without a place for the name is refused', () => {
    expect(() => promptsFor('x', ['a photo'])).toThrow(/"a photo" has no "\{\}"/);
  });
});
