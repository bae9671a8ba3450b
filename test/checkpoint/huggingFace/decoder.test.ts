import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DecoderContents,
  decoderShapes,
  openDecoder,
  saveDecoder,
} from '../../../src/checkpoint/huggingFace/decoder.ts';
import {
  formatDecoderConfig,
  parseDecoderConfig,
} from '../../../src/checkpoint/huggingFace/decoderConfig.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { LOCCA_FORMAT } from '../../../src/input/text/locca/format.ts';
import { type LoccaDecoderConfig, loccaDecoderConfig } from '../../../src/model/locca/config.ts';
import { type NdArray, ndarray, sizeOf } from '../../../src/tensor/ndarray.ts';
import { expectRemedy, thrownBy } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR } from '../tinyModel.ts';

const MODEL = { config: FIXED, preprocessor: FIXED_PREPROCESSOR, tensors: countingTensors(FIXED) };
const CONFIG = loccaDecoderConfig(FIXED, { length: 6, biases: { attention: false, mlpAndNorm: true } });
const FORMAT = {
  ...LOCCA_FORMAT,
  box: { maximum: 999, order: ['x1', 'y1', 'x2', 'y2'] as const },
};

function contentsOf(config: LoccaDecoderConfig): DecoderContents & { tensors: Map<string, NdArray> } {
  const tensors = [...decoderShapes(config)].map(([name, shape], n): [string, NdArray] => [
    name,
    ndarray(
      'float32',
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => n - i / 512),
    ),
  ]);
  return { config, format: FORMAT, tensors: new Map(tensors) };
}

describe('a decoder beside its model', () => {
  it('is saved with the model and loads again, number for number', async () => {
    const directory = join(await temporaryDirectory(), 'model');
    const decoder = contentsOf(CONFIG);
    await saveModelDirectory(directory, { ...MODEL, decoder });
    const opened = (await openDecoder(directory, FIXED))!;
    expect(opened.config).toEqual(CONFIG);
    expect(opened.format).toEqual(FORMAT);
    for (const [name, { data }] of decoder.tensors) {
      expect((await opened.weights.read(name)).data).toEqual(data);
    }
    await opened.weights.close();
    // The model's own files have no trace of it.
    const model = await openModelDirectory(directory);
    expect([...model.weights.tensors.keys()].some((name) => name.startsWith('decoder'))).toBe(false);
    await model.weights.close();
  });

  it('is saved afterwards, and goes when another model takes its place', async () => {
    const directory = join(await temporaryDirectory(), 'model');
    await saveModelDirectory(directory, MODEL);
    expect(await openDecoder(directory, FIXED)).toBeUndefined();
    await saveDecoder(directory, contentsOf(CONFIG));
    await (await openDecoder(directory, FIXED))!.weights.close();
    await saveModelDirectory(directory, MODEL);
    expect(await openDecoder(directory, FIXED)).toBeUndefined();
    expect((await readdir(directory)).filter((name) => name.startsWith('decoder'))).toEqual([]);
  });

  it('is refused where it does not fit', async () => {
    const directory = join(await temporaryDirectory(), 'model');
    await saveModelDirectory(directory, MODEL);
    const contents = contentsOf(CONFIG);
    const save = (changed: DecoderContents) => saveDecoder(directory, changed);
    await expect(save({ ...contents, config: { ...CONFIG, visionSize: 8 } })).rejects.toThrow(
      /vision_hidden_size is 8, but the model's vision_config.hidden_size is 16/,
    );
    await expect(save({ ...contents, config: { ...CONFIG, length: 7 } })).rejects.toThrow(
      /position_embedding.weight" has shape \[6, 16\], but decoder_config.json expects \[7, 16\]/,
    );
    const fewer = new Map([...contents.tensors].slice(1));
    await expect(save({ ...contents, tensors: fewer })).rejects.toThrow(
      /token_embedding.weight" .* is missing/,
    );
    expect(await readdir(directory)).not.toContain('decoder.safetensors');

    await save(contents);
    const other = { ...FIXED, text: { ...FIXED.text, vocabSize: 30 } };
    await expect(openDecoder(directory, other)).rejects.toThrow(
      /were not trained together; take both from the same checkpoint/,
    );
    const path = join(directory, 'decoder_config.json');
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify(Object.assign({}, json, { num_hidden_layers: 2 })));
    await expect(openDecoder(directory, FIXED)).rejects.toThrow(
      /layers.1.* is missing; take decoder_config.json and the tensors from the same/,
    );
  });

  it.each([
    [{ model_type: 'siglip' }, /model_type must be "locca_decoder"/],
    [{ hidden_size: undefined }, /hidden_size/],
    [{ num_attention_heads: 3 }, /16 is not a multiple of its 3 heads/],
    [
      {
        format: {
          ...(formatDecoderConfig({ config: CONFIG, format: FORMAT })['format'] as object),
          box_order: ['y1'],
        },
      },
      /box_order: must name/,
    ],
  ])('a configuration with %o is refused', (change, message) => {
    const json = { ...formatDecoderConfig({ config: CONFIG, format: FORMAT }), ...change };
    expectRemedy(thrownBy(() => parseDecoderConfig(json, 'decoder_config.json')));
    expect(() => parseDecoderConfig(json, 'decoder_config.json')).toThrow(message);
  });
});
