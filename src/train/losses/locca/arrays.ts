import { type LoccaExample, loccaBatch } from '../../../data/batches/loccaBatch.ts';
import type { PieceEncoder } from '../../../input/text/locca/encode.ts';
import type { LoccaFormat } from '../../../input/text/locca/format.ts';
import type { LoccaDecoderConfig } from '../../../model/locca/config.ts';
import type { Arrays } from '../../../tensor/index.ts';
import type { LoccaSettings } from './locca.ts';

export interface DecoderRequest {
  readonly seed: number;
  /** Decides, with the seed, which captions are predicted in parallel. */
  readonly step: number;
  readonly tokenizer: PieceEncoder;
  /** How the decoder's texts are written. Default: LocCa's. */
  readonly format?: LoccaFormat | undefined;
}

/** What a decoder learns from examples, one for each image of a batch: texts as long as the decoder's are. */
export function decoderArrays(
  examples: readonly LoccaExample[],
  { length }: Pick<LoccaDecoderConfig, 'length'>,
  { tasks, lossPositions }: LoccaSettings,
  { seed, step, tokenizer, format }: DecoderRequest,
): Arrays {
  const options = {
    seed,
    length,
    ...(tasks && { tasks }),
    ...(format && { format }),
    ...(lossPositions !== undefined && { lossPositions }),
  };
  return { ...loccaBatch(examples, tokenizer, options, step) };
}
