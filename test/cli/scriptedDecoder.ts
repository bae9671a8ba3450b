import { decoderShapes, saveDecoder } from '../../src/checkpoint/huggingFace/decoder.ts';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { encodeQuestion, type LoccaQuestion } from '../../src/input/text/locca/encode.ts';
import { LOCCA_FORMAT } from '../../src/input/text/locca/format.ts';
import { loadTokenizer } from '../../src/input/text/tokenizer/loadTokenizer.ts';
import { SPECIAL_IDS } from '../../src/input/text/tokenizer/vocabulary.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { float32, sizeOf } from '../../src/tensor/ndarray.ts';
import { createRandom } from '../../src/tensor/random.ts';

/** Positions, and as many features. */
const LENGTH = 64;

/** A question and what the decoder is to answer. Questions must differ in length by more than the answers. */
export interface Line {
  readonly question: LoccaQuestion;
  readonly answer: string;
}

/**
 * Saves a decoder beside a model that says what it is told: each position has a feature of its own, and the projection
 * turns it into the token that stands there in the script. Token embeddings are small noise, so that a wrong row is a
 * different number but not a different answer; whatever would mix in other positions or the image is zero.
 */
export async function saveScriptedDecoder(directory: string, lines: readonly Line[]): Promise<void> {
  const { config: model, weights } = await openModelDirectory(directory);
  await weights.close();
  const tokenizer = await loadTokenizer(`${directory}/tokenizer.json`);
  const config = loccaDecoderConfig(model, { hiddenSize: LENGTH, length: LENGTH, heads: 2 });
  const random = createRandom(3, 'scripted decoder');
  const tensors = new Map(
    [...decoderShapes(config)].map(([name, shape]) => {
      const scale = name.includes('token_embedding') || name.includes('lm_head') ? 0.01 : 0;
      const values = Array.from({ length: sizeOf(shape) }, () =>
        /norm\w*\.weight$/.test(name) ? 1 : scale && scale * random.normal(),
      );
      return [name, float32(shape, values)] as const;
    }),
  );
  const positions = tensors.get('decoder.embeddings.position_embedding.weight')!.data;
  for (let i = 0; i < LENGTH; i++) positions[i * LENGTH + i] = 1;
  const projection = tensors.get('decoder.lm_head.weight')!.data;
  const taken = new Set<number>();
  for (const { question, answer } of lines) {
    const start = encodeQuestion(question, tokenizer, LENGTH - 1).length;
    [...tokenizer.pieceIds(answer), SPECIAL_IDS.eos].forEach((id, i) => {
      if (taken.has(start + i) || start + i >= LENGTH) throw new Error(`no room for “${answer}”`);
      taken.add(start + i);
      projection[id * LENGTH + start + i] = 20;
    });
  }
  await saveDecoder(directory, { config, format: LOCCA_FORMAT, tensors });
}
