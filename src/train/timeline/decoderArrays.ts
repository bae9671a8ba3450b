import { type LoccaExample, loccaBatch } from '../../data/batches/loccaBatch.ts';
import type { PieceEncoder } from '../../input/text/locca/encode.ts';
import type { LoccaFormat } from '../../input/text/locca/format.ts';
import { loccaDecoderConfig } from '../../model/locca/config.ts';
import type { Arrays } from '../../tensor/index.ts';
import { stageModel } from './stageModel.ts';
import type { StageSpec, Timeline } from './timeline.ts';

export interface DecoderRequest {
  readonly seed: number;
  /** Decides, with the seed, which captions are predicted in parallel. */
  readonly step: number;
  readonly tokenizer: PieceEncoder;
  /** How the decoder's texts are written. Default: LocCa's. */
  readonly format?: LoccaFormat | undefined;
}

/** What a stage's decoder learns from examples, one for each image of a batch: texts as long as the decoder's are. */
export function decoderArrays(
  timeline: Timeline,
  spec: StageSpec,
  examples: readonly LoccaExample[],
  { seed, step, tokenizer, format }: DecoderRequest,
): Arrays {
  const { decoder, settings } = timeline.locca ?? {};
  const { length } = loccaDecoderConfig(stageModel(timeline, spec).config, decoder);
  const lossPositions = settings?.lossPositions;
  const options = {
    seed,
    length,
    ...(format && { format }),
    ...(lossPositions !== undefined && { lossPositions }),
  };
  return { ...loccaBatch(examples, tokenizer, options, step) };
}
