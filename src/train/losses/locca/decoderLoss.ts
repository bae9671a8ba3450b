import type { LoccaExample } from '../../../data/batches/loccaBatch.ts';
import { LOCCA_TASKS } from '../../../input/text/locca/format.ts';
import { type LoccaDecoderConfig, loccaDecoderConfig } from '../../../model/locca/config.ts';
import { createRandom } from '../../../tensor/random.ts';
import type { Loss } from '../loss.ts';
import { decoderArrays } from './arrays.ts';
import { exampleOf } from './example.ts';
import { type LoccaSettings, locca } from './locca.ts';

/** What a timeline says of the decoder and its loss. */
export interface DecoderLossSettings {
  /** What differs from the paper's decoder. */
  readonly decoder?: Partial<LoccaDecoderConfig>;
  readonly settings?: LoccaSettings;
}

/** {@link locca} as a loss of stages: the decoder reads the un-pooled image tokens of the sigmoid loss's pass (§2.2). */
export const decoderLoss: Loss<DecoderLossSettings> = {
  name: 'locca',
  weight: 1,
  // Its sum is left out, as the tasks are there.
  parts: LOCCA_TASKS,
  objective({ config, model }, { decoder, settings }) {
    const mask = 'pixel_attention_mask' in model.inputs ? model.inputs.pixel_attention_mask : undefined;
    const image = { tokens: model.vision.tokens, ...(mask && { mask }) };
    return locca(image, loccaDecoderConfig(config, decoder), settings, model.parameters);
  },
  batch({ config, seed, step, tokenizer, format }, { decoder, settings }) {
    const examples: LoccaExample[] = [];
    return {
      add(sample) {
        examples.push(exampleOf(sample, createRandom(seed, 'locca', 'region', step, examples.length)));
      },
      finish: () =>
        decoderArrays(examples, loccaDecoderConfig(config, decoder), settings ?? {}, {
          seed,
          step,
          tokenizer,
          format,
        }),
    };
  },
};
