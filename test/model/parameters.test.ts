import { describe, expect, test } from 'vitest';
import { twoTowers } from '../../src/model/twoTowers.ts';
import { VARIANTS, variantConfig } from '../../src/model/variants.ts';
import { countParameters, type ParameterTable } from '../../src/nn/parameters.ts';

/**
 * docs/paper.md, “Sizes”: computed from the released shapes and checked against the counts that timm and the hub
 * display: vision encoder, MAP head, token embedding, rest of the text tower, whole model (with the two logit scalars).
 */
const B_TEXT = [196_608_000, 85_695_744];
const L_TEXT = [262_144_000, 303_426_560];
const SO_TEXT = [294_912_000, 412_870_896];
const G_TEXT = [294_912_000, 413_313_648];
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  'base-patch32-256': [87_465_216, 7_087_104, ...B_TEXT, 376_856_066],
  'base-patch16-224': [85_797_120, 7_087_104, ...B_TEXT, 375_187_970],
  'base-patch16-256': [85_843_200, 7_087_104, ...B_TEXT, 375_234_050],
  'base-patch16-384': [86_088_960, 7_087_104, ...B_TEXT, 375_479_810],
  'base-patch16-512': [86_433_024, 7_087_104, ...B_TEXT, 375_823_874],
  'large-patch16-256': [303_361_024, 12_595_200, ...L_TEXT, 881_526_786],
  'large-patch16-384': [303_688_704, 12_595_200, ...L_TEXT, 881_854_466],
  'large-patch16-512': [304_147_456, 12_595_200, ...L_TEXT, 882_313_218],
  'so400m-patch14-224': [412_442_352, 15_238_352, ...SO_TEXT, 1_135_463_602],
  'so400m-patch14-384': [412_987_248, 15_238_352, ...SO_TEXT, 1_136_008_498],
  'so400m-patch16-256': [412_649_712, 15_238_352, ...SO_TEXT, 1_135_670_962],
  'so400m-patch16-384': [413_018_352, 15_238_352, ...SO_TEXT, 1_136_039_602],
  'so400m-patch16-512': [413_534_448, 15_238_352, ...SO_TEXT, 1_136_555_698],
  'giant-opt-patch16-256': [1_134_838_272, 28_329_984, ...G_TEXT, 1_871_393_906],
  'giant-opt-patch16-384': [1_135_329_792, 28_329_984, ...G_TEXT, 1_871_885_426],
  'base-patch16-naflex': [85_843_200, 7_087_104, ...B_TEXT, 375_234_050],
  'so400m-patch16-naflex': [412_649_712, 15_238_352, ...SO_TEXT, 1_135_670_962],
};

const under = (table: ParameterTable, prefix: string): ParameterTable =>
  new Map([...table].filter(([name]) => name.startsWith(prefix)));

function counts(name: string): number[] {
  const { parameters } = twoTowers(variantConfig(name), { images: 1, texts: 1 });
  const count = (prefix: string) => countParameters(under(parameters, prefix));
  const head = count('vision_model.head.');
  const tokens = count('text_model.embeddings.token_embedding.');
  return [
    count('vision_model.') - head,
    head,
    tokens,
    count('text_model.') - tokens,
    countParameters(parameters),
  ];
}

describe('parameter counts', () => {
  test('every released checkpoint is known', () => {
    expect(VARIANTS.map(({ name }) => name)).toEqual(
      Object.keys(EXPECTED).map((name) => `google/siglip2-${name}`),
    );
  });

  test.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    expect(counts(`google/siglip2-${name}`)).toEqual(expected);
  });

  test('an unknown name is refused with the known ones', () => {
    expect(() => variantConfig('google/siglip-base')).toThrow(/google\/siglip2-base-patch16-naflex/);
  });
});
