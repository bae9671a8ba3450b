import type { Weights } from '../../checkpoint/huggingFace/weights.ts';
import type { LetterCase } from '../../input/text/letterCase.ts';
import { loadTokenizer, type TextTokenizer } from '../../input/text/tokenizer/loadTokenizer.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { SessionOptions } from '../../tensor/index.ts';
import { inBatches } from '../embeddings.ts';
import type { Encoder } from '../encoder.ts';
import { tokenCounts, tokenInput } from '../tokenInput.ts';
import { naming } from './finiteOutputs.ts';
import { compileTower, textGraph } from './graphs.ts';
import { lazily } from './lazily.ts';

/** What an encoder does with texts alone. */
export interface TextSide extends Pick<Encoder, 'embedTexts' | 'countTokens'> {
  /** Frees the session, if it was started. */
  dispose(): Promise<void>;
}

export interface TextSideOptions {
  /** The model as the caller named it, for messages. */
  readonly name: string;
  /** A model without one takes no texts. */
  readonly tokenizerPath: string | undefined;
  readonly letterCase?: LetterCase | undefined;
  /** Texts per run of the engine. Default 32. */
  readonly textBatch?: number | undefined;
  readonly session: SessionOptions;
  /** Called before each piece of work: throws once the encoder is disposed. */
  readonly assertUsable: () => void;
}

const BATCH = 32;

/**
 * The tokenizer and the text tower of a checkpoint. The tokenizer is read at once, the tower compiled when it is first
 * asked for; the next texts are tokenized while the engine works on these.
 */
export function textSide(config: ModelConfig, weights: Weights, options: TextSideOptions): TextSide {
  const { name, tokenizerPath, letterCase, textBatch = BATCH, session, assertUsable } = options;
  const { length, vocabSize, projectionSize } = config.text;
  const tower = lazily(() => compileTower(textGraph(config), weights, session));
  const tokenizer = tokenizerPath && loadTokenizer(tokenizerPath, { length, letterCase, vocabSize });
  // A damaged tokenizer is reported to whoever embeds text first.
  if (tokenizer) tokenizer.catch(() => {});

  async function ready(): Promise<TextTokenizer> {
    assertUsable();
    if (!tokenizer) throw new Error(`${name} has no tokenizer.json: add the one of the released checkpoints`);
    return tokenizer;
  }

  return {
    async countTokens(texts) {
      return tokenCounts(await ready(), texts);
    },
    async embedTexts(texts) {
      const pieces = await ready();
      return inBatches(
        texts,
        textBatch,
        projectionSize,
        async (batch) => ({ input_ids: await tokenInput(pieces, batch) }),
        async (feeds, start) => {
          const running = (await tower.get()).run(feeds);
          return (await naming(running, 'text', (item) => start + item))['text_embeds']!;
        },
      );
    },
    dispose: () => tower.dispose(),
  };
}
