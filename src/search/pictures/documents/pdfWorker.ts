import { z } from 'zod';
import { type Answer, answerQuestions } from '../../../data/sources/thread/answerQuestions.ts';
import { boundMemory, MOST_MEMORY } from './boundMemory.ts';
import { loadPdfium, type PdfDocument } from './pdfium.ts';

/** What the thread is asked; `page` is one of the document that `open` opened. */
export type PdfQuestion =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'page'; readonly page: number }
  | { readonly kind: 'close' };

const questionSchema = z.custom<PdfQuestion>((value) => typeof value === 'object' && value !== null);

boundMemory(MOST_MEMORY);
const pdfium = loadPdfium();
let document: PdfDocument | undefined;

async function answer(raw: unknown): Promise<Answer> {
  const question = questionSchema.parse(raw);
  const { open, bytes } = await pdfium;
  switch (question.kind) {
    case 'open': {
      const opened = open(question.bytes);
      if ('refused' in opened) return { value: opened };
      document = opened;
      return { value: { pages: document.pages } };
    }
    case 'page': {
      const image = document?.draw(question.page);
      return { value: { image }, transfer: image ? [image.data.buffer as ArrayBuffer] : [] };
    }
    case 'close':
      document?.close();
      document = undefined;
      return { value: { bytes: bytes() } };
  }
}

answerQuestions(answer);
