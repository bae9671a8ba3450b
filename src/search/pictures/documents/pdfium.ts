import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { init } from '@embedpdf/pdfium';
import { z } from 'zod';
import { dropAlpha } from '../../../input/image/decode/pixels.ts';
import { type RgbImage, rgbImage } from '../../../input/image/rgbImage.ts';

/** Pixels of a page's longer side: more than any checkpoint sees. */
const LONGER_SIDE = 1024;

/** `FPDF_ANNOT`: notes and stamps too. `FPDF_REVERSE_BYTE_ORDER`: red first. */
const FLAGS = 0x01 | 0x10;
const WHITE = 0xffffffff;
const PASSWORD_ERROR = 4;
const SECURITY_ERROR = 5;

/** A document that is open. */
export interface PdfDocument {
  readonly pages: number;
  /** @param page from 1. @returns undefined for a page that cannot be drawn */
  draw(page: number): RgbImage | undefined;
  close(): void;
}

/** Bytes that are no document, and why. */
export interface PdfRefused {
  readonly refused: string;
}

/** PDFium's own memory, and its ways to take some of it. */
const memorySchema = z.object({
  HEAPU8: z.instanceof(Uint8Array),
  wasmExports: z.object({
    malloc: z.custom<(bytes: number) => number>((value) => typeof value === 'function'),
    free: z.custom<(at: number) => void>((value) => typeof value === 'function'),
  }),
});

/** Loads PDFium (WebAssembly). What it would print is left out: it complains of every file that is not perfect. */
export async function loadPdfium() {
  const wasmBinary = await readFile(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')));
  const quiet = () => {};
  const pdfium = await init({ wasmBinary, print: quiet, printErr: quiet });
  pdfium.PDFiumExt_Init();
  // Growing replaces the view of it.
  const heap = () => memorySchema.parse(pdfium.pdfium).HEAPU8;
  const { malloc, free } = memorySchema.parse(pdfium.pdfium).wasmExports;

  function reasonOf(code: number): string {
    if (code === PASSWORD_ERROR) return 'is protected by a password: save it without one.';
    if (code === SECURITY_ERROR) return 'is protected in a way that is not read: save it without protection.';
    return 'is not a PDF document, or not a whole one: give a complete one.';
  }

  function drawn(width: number, height: number, page: number): RgbImage | undefined {
    const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
    if (!bitmap) return undefined;
    try {
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
      pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, FLAGS);
      const at = pdfium.FPDFBitmap_GetBuffer(bitmap);
      const row = pdfium.FPDFBitmap_GetStride(bitmap);
      // Four bytes a pixel, without gaps between the rows.
      if (row !== 4 * width) return undefined;
      return rgbImage(width, height, dropAlpha(heap().subarray(at, at + row * height)));
    } finally {
      pdfium.FPDFBitmap_Destroy(bitmap);
    }
  }

  function draw(document: number, number: number): RgbImage | undefined {
    const page = pdfium.FPDF_LoadPage(document, number - 1);
    if (!page) return undefined;
    try {
      const [wide, high] = [pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)];
      const scale = LONGER_SIDE / Math.max(wide, high);
      if (!(wide > 0 && high > 0 && Number.isFinite(scale))) return undefined;
      const side = (points: number) => Math.max(1, Math.round(points * scale));
      return drawn(side(wide), side(high), page);
    } finally {
      pdfium.FPDF_ClosePage(page);
    }
  }

  return {
    /** Bytes of memory that it has taken; it gives none back. */
    bytes: () => heap().length,
    open(bytes: Uint8Array): PdfDocument | PdfRefused {
      const at = malloc(bytes.length);
      if (at === 0) return { refused: 'takes more memory than documents may.' };
      heap().set(bytes, at);
      const document = pdfium.FPDF_LoadMemDocument(at, bytes.length, '');
      if (!document) {
        const refused = reasonOf(pdfium.FPDF_GetLastError());
        free(at);
        return { refused };
      }
      return {
        pages: pdfium.FPDF_GetPageCount(document),
        draw: (page) => draw(document, page),
        close() {
          pdfium.FPDF_CloseDocument(document);
          free(at);
        },
      };
    },
  };
}
