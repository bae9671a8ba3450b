/**
 * Saves tiny models whose every value is known, for `python parity/checkpoint.py load`:
 * `tsx parity/checkpoint_save.ts DIRECTORY [tokenizer.json]`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { saveModelDirectory } from '../src/checkpoint/huggingFace/directory.ts';
import {
  countingTensors,
  FIXED,
  FIXED_PREPROCESSOR,
  NAFLEX,
  NAFLEX_PREPROCESSOR,
} from '../test/checkpoint/tinyModel.ts';

const [directory, tokenizer] = process.argv.slice(2);
if (!directory) throw new Error('usage: checkpoint_save.ts DIRECTORY [tokenizer.json]');
const tokenizerJson: unknown = tokenizer ? JSON.parse(readFileSync(tokenizer, 'utf8')) : undefined;

const fixed = {
  config: FIXED,
  preprocessor: FIXED_PREPROCESSOR,
  tensors: countingTensors(FIXED),
  tokenizerJson,
};
const naflex = {
  config: NAFLEX,
  preprocessor: NAFLEX_PREPROCESSOR,
  tensors: countingTensors(NAFLEX),
  tokenizerJson,
};
await saveModelDirectory(join(directory, 'fixed'), fixed);
await saveModelDirectory(join(directory, 'naflex'), naflex);
await saveModelDirectory(join(directory, 'sharded'), fixed, { maxShardBytes: 8192 });
