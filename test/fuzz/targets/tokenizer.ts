import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from '../../../src/input/text/tokenizer/loadTokenizer.ts';
import { tinyTokenizer } from '../../server/tinyTokenizer.ts';
import { Finding, type FuzzTarget } from '../harness/target.ts';
import { mutateJson } from '../mutators/json.ts';

const LENGTH = 16;
const TEXTS = [
  'a cat',
  'HE CHASED 🙂 고양이\u0301\n',
  '',
  '<eos> <pad>',
  `${'a'.repeat(40)}!`,
  '\ud800 e\u0301',
  'ha'.repeat(2000),
];

const encoder = new TextEncoder();
const tiny = tinyTokenizer();
/** As newer programs write it. */
const pairs = {
  ...tiny,
  model: { ...tiny.model, merges: tiny.model.merges.map((merge) => merge.split(' ')) },
};

export const tokenizerTarget: FuzzTarget = {
  what: 'tokenizer.json, and texts that it cuts',
  seeds: async () => [tiny, pairs].map((one) => encoder.encode(JSON.stringify(one))),
  mutate: mutateJson,
  start: async (folder) => ({
    async read(input) {
      const path = join(folder, 'tokenizer.json');
      writeFileSync(path, input);
      const tokenizer = await loadTokenizer(path, { length: LENGTH });
      for (const text of TEXTS) {
        const ids = tokenizer.encode(text);
        const fits = ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabSize);
        if (ids.length !== LENGTH || !fits)
          throw new Finding(`encodes as ${ids.join(' ')} of ${tokenizer.vocabSize}`);
        tokenizer.decode(tokenizer.pieceIds(text));
      }
      return `${tokenizer.vocabSize} pieces`;
    },
  }),
};
