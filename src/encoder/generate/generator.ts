import type { Weights } from '../../checkpoint/huggingFace/weights.ts';
import type { LoccaDecoderConfig } from '../../model/locca/config.ts';
import { type Arrays, int32, type NdArray, type SessionOptions } from '../../tensor/index.ts';
import { compileTower } from '../towers/graphs.ts';
import { imageMemoryGraph, stepGraph, vocabularyGraph } from './graphs.ts';
import { keyValueCache } from './keyValueCache.ts';
import type { Continuation, LogProbabilities } from './search.ts';

/** What the decoder keeps of an image: every block's keys and values. */
export type ImageMemory = Arrays;

/** A decoder that is ready to write. */
export interface Generator {
  readonly config: LoccaDecoderConfig;
  /**
   * Looks at an image, once for all texts about it.
   * @param tokens un-pooled patch features without padding, [S, visionSize]
   */
  look(tokens: NdArray<'float32'>): Promise<ImageMemory>;
  /**
   * Reads a prompt, and is then ready to continue it.
   * @param suppressed ids that are never written
   * @throws RangeError when the prompt leaves no room for a token
   */
  begin(image: ImageMemory, prompt: readonly number[], suppressed?: readonly number[]): Promise<Continuation>;
  dispose(): Promise<void>;
}

/** Rows of [texts, V], without the suppressed tokens. */
function logProbabilitiesOf(array: NdArray, suppressed: readonly number[]): LogProbabilities[] {
  const [texts, size] = array.shape as [number, number];
  const data = array.data as Float32Array;
  return Array.from({ length: texts }, (_, i) => {
    const row = data.subarray(i * size, (i + 1) * size);
    for (const token of suppressed) row[token] = Number.NEGATIVE_INFINITY;
    return row;
  });
}

/** Compiles a trained decoder. Each of its parts holds its own weights only. */
export async function createGenerator(
  config: LoccaDecoderConfig,
  weights: Weights,
  options: SessionOptions = {},
): Promise<Generator> {
  const graphs = [imageMemoryGraph(config), stepGraph(config), vocabularyGraph(config)] as const;
  const [memory, step, vocabulary] = await Promise.all([
    compileTower(graphs[0], weights, options),
    compileTower(graphs[1], weights, options),
    compileTower(graphs[2], weights, options),
  ]);
  return {
    config,
    async look({ shape, data }) {
      const [patches, width] = shape;
      if (shape.length !== 2 || width !== config.visionSize) {
        throw new RangeError(
          `image tokens are [${shape.join(', ')}]; this decoder needs [patches, ${config.visionSize}]`,
        );
      }
      return memory.run({ tokens: { dtype: 'float32', shape: [1, patches!, width], data } });
    },
    async begin(image, prompt, suppressed = []) {
      if (prompt.length >= config.length) {
        throw new RangeError(
          `the prompt has ${prompt.length} tokens; the decoder's ${config.length} leave no room for an answer`,
        );
      }
      const cache = keyValueCache(config.layers, config.length, config.hiddenSize);
      let position = 0;
      const write = async (tokens: readonly number[]): Promise<NdArray> => {
        const ids = int32([tokens.length], tokens);
        const at = int32([1], [position]);
        const { hidden, ...present } = await step.run({ ids, position: at, ...cache.feeds(), ...image });
        cache.store(present, position);
        position++;
        return hidden!;
      };
      const following = async (hidden: NdArray) =>
        logProbabilitiesOf((await vocabulary.run({ hidden }))['log_probabilities']!, suppressed);

      // Position 0 reads the start token 0, position i the prompt's token i − 1.
      let hidden = await write([0]);
      for (const token of prompt) hidden = await write([token]);
      return {
        first: (await following(hidden))[0]!,
        async next(parents, tokens) {
          cache.reorder(parents);
          return following(await write(tokens));
        },
      };
    },
    async dispose() {
      await Promise.all([memory.dispose(), step.dispose(), vocabulary.dispose()]);
    },
  };
}
