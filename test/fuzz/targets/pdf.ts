import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import { pdfOfForms, pdfPages } from '../../search/pictures/pdfFile.ts';
import type { FuzzTarget } from '../harness/target.ts';

const model = { decode: {}, preprocessing: fixedPreprocessing(16) };

export const pdfTarget: FuzzTarget = {
  what: 'PDF documents, whose pages are drawn in a thread',
  seeds: async () => [
    pdfPages(['1 0 0 rg 0 0 100 100 re f', undefined, 'q 2 0 0 2 0 0 cm 0 0 m 50 50 l S Q']),
    pdfOfForms(2),
  ],
  // What a document may take, and a thread for it.
  memory: 800,
  patience: 90,
  start: async () => ({
    async read(input) {
      let pages = 0;
      for await (const _ of pictureReader('a.pdf')!.read('a.pdf', { model, bytes: input })) pages++;
      return `${pages} pages`;
    },
  }),
};
