import { plainScore, type Score } from './plainKernel.ts';
import { SCAN_BYTES } from './scanBytes.ts';

/** Bytes that grow, and what scores the rows in them. */
export interface Bank {
  /** Another one after each growth. */
  buffer(): ArrayBufferLike;
  /** Makes it at least so large. @throws RangeError where there is no memory for it */
  reserve(bytes: number): void;
  readonly score: Score;
}

/** `vectors`: WebAssembly with 128-bit vectors; `plain`: TypeScript, about 20 times slower. */
export type ScanForm = 'vectors' | 'plain';

const PAGE_BYTES = 2 ** 16;
const MOST_PAGES = 2 ** 16;
/** Pages that a bank grows by at least: 4 MiB. */
const STEP_PAGES = 64;

/** The part of WebAssembly that is used: TypeScript has its types in browsers only. */
interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
}

const engine = (): Engine => (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;

let compiled: object | null | undefined;

/** The compiled scan.wat, or null where the engine has no 128-bit vectors or forbids WebAssembly. */
function scanModule(): object | null {
  if (compiled !== undefined) return compiled;
  try {
    const bytes = Uint8Array.from(atob(SCAN_BYTES), (character) => character.charCodeAt(0));
    compiled = new (engine().Module)(bytes);
  } catch {
    compiled = null;
  }
  return compiled;
}

/** The faster form that this engine has. */
export const bestForm = (): ScanForm => (scanModule() ? 'vectors' : 'plain');

function vectorBank(module: object): Bank {
  const { Memory, Instance } = engine();
  const memory = new Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  // The module is ours: its exports are those of scan.wat.
  const { score } = new Instance(module, { scan: { memory } }).exports as { readonly score: Score };
  // Asking the memory for it takes longer than many a call of the kernel.
  let { buffer } = memory;
  return {
    buffer: () => buffer,
    reserve(bytes) {
      const [has, needs] = [buffer.byteLength / PAGE_BYTES, Math.ceil(bytes / PAGE_BYTES)];
      if (needs <= has) return;
      try {
        memory.grow(Math.min(Math.max(needs - has, STEP_PAGES), MOST_PAGES - has));
      } catch (cause) {
        throw new RangeError(`there is no memory for ${Math.ceil(bytes / 2 ** 20)} MiB of vectors`, {
          cause,
        });
      }
      ({ buffer } = memory);
    },
    // Positions are unsigned.
    score: (slots, count, rows, stride, vectors, query, queryScale, queryNorm, bar, out) =>
      score(slots, count, rows, stride, vectors, query, queryScale, queryNorm, bar, out) >>> 0,
  };
}

function plainBank(): Bank {
  let bytes = new Uint8Array(PAGE_BYTES);
  const buffer = () => bytes.buffer;
  return {
    buffer,
    reserve(needed) {
      if (needed <= bytes.length) return;
      const larger = new Uint8Array(Math.max(needed, bytes.length * 2));
      larger.set(bytes);
      bytes = larger;
    },
    score: plainScore(buffer),
  };
}

/** An empty bank; of plain form where the engine has no other, or the process may not have so much address space. */
export function createBank(form: ScanForm): Bank {
  const module = form === 'vectors' ? scanModule() : null;
  try {
    if (module) return vectorBank(module);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return plainBank();
}
