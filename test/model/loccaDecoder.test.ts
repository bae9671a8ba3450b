import { describe, expect, it } from 'vitest';
import { type LoccaDecoderConfig, loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { LOCCA_DECODER, loccaDecoder, vocabularyProjection } from '../../src/model/locca/decoder.ts';
import { variantConfig } from '../../src/model/variants.ts';
import { countParameters, type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { input } from '../../src/tensor/index.ts';
import { isKernel } from '../../src/train/step/optimizer/decay.ts';

function tableOf(config: LoccaDecoderConfig): ParameterTable {
  const table: ParameterTable = new Map();
  const scope = parameterScope(table, LOCCA_DECODER);
  const ids = input('ids', 'int32', [1, config.length]);
  const tokens = input('tokens', 'float32', [1, 4, config.visionSize]);
  loccaDecoder(scope, { ids }, { tokens }, config);
  vocabularyProjection(scope, config);
  return table;
}

const count = (table: ParameterTable, pattern: RegExp): number =>
  countParameters(new Map([...table].filter(([name]) => pattern.test(name))));

const variant = (name: string, changes: Partial<LoccaDecoderConfig> = {}) =>
  loccaDecoderConfig(variantConfig(`google/siglip2-${name}`), changes);

describe("the decoder's parameters", () => {
  // The blocks' counts in millions, worked out from the shapes of §2.2: 56.7, 201.6, 267.2 (13 layers), 287.8 (14).
  it.each([
    ['base-patch16-256', {}, 6, 56_710_656],
    ['large-patch16-256', {}, 12, 201_560_064],
    ['so400m-patch16-256', {}, 13, 267_212_816],
    ['so400m-patch16-256', { layers: 14 }, 14, 287_767_648],
    // Keys and values of 1536 wide tokens: 13 layers · 2 · 1152 · (1536 − 1152) more than So400m's.
    ['giant-opt-patch16-256', {}, 13, 267_212_816 + 13 * 2 * 1152 * 384],
  ])('%s %o has %i layers of %i parameters', (name, changes, layers, expected) => {
    const config = variant(name, changes);
    expect(config.layers).toBe(layers);
    expect(count(tableOf(config), /^decoder\.layers\./)).toBe(expected);
  });

  it('are, beside the blocks, positions, the final norm and two vocabulary matrices', () => {
    const table = tableOf(variant('base-patch16-256'));
    expect(count(table, /position_embedding|final_layer_norm/)).toBe(64 * 768 + 2 * 768);
    expect(count(table, /token_embedding/)).toBe(256_001 * 768);
    expect(count(table, /lm_head/)).toBe(256_000 * 768 + 256_000);
    expect(count(table, /./)).toBe(56_710_656 + 50_688 + 256_001 * 768 + 256_000 * 769);
  });

  it("without biases, as in CapPa, only the projection's bias remains", () => {
    const none = { attention: false, mlpAndNorm: false };
    const table = tableOf(variant('base-patch16-256', { biases: none, tiedProjection: true }));
    expect([...table.keys()].filter((name) => name.endsWith('.bias'))).toEqual(['decoder.lm_head.bias']);
    expect(table.has('decoder.lm_head.weight')).toBe(false);
  });

  it('are named as the towers are, and the projections decay', () => {
    const names = [...tableOf(variant('base-patch16-256')).keys()];
    expect(names).toContain('decoder.layers.5.cross_attn.k_proj.weight');
    expect(names).not.toContain('decoder.layers.6.mlp.fc1.weight');
    expect(names.filter((name) => name.startsWith('decoder.layers.0.') && isKernel(name))).toHaveLength(10);
    expect(isKernel('decoder.lm_head.weight')).toBe(true);
    expect(names.filter((name) => /embedding|norm|bias/.test(name) && isKernel(name))).toEqual([]);
  });

  it('refuses sizes that do not fit', () => {
    expect(() => variant('base-patch16-256', { heads: 7 })).toThrow(/768 is not a multiple of its 7 heads/);
    expect(() => variant('base-patch16-256', { length: 0 })).toThrow(/length is 0/);
    const config = variant('base-patch16-256');
    const call = (rows: number, length: number) => () =>
      loccaDecoder(
        parameterScope(new Map()),
        { ids: input('ids', 'int32', [rows, length]) },
        { tokens: input('tokens', 'float32', [2, 4, 768]) },
        config,
      );
    expect(call(3, 64)).toThrow(/2 images need \[2·K, 64\]/);
    expect(call(4, 32)).toThrow(/\[4, 32\]/);
  });
});
