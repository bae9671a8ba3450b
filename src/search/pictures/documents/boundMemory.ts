/** Most bytes that a document may take while it is drawn. */
export const MOST_MEMORY = 2 ** 29;

const PAGE = 2 ** 16;

/** The part of WebAssembly that is used: TypeScript has its types in browsers only. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Engine {
  readonly Memory: { readonly prototype: Memory };
}

/** Keeps every WebAssembly memory of this thread from growing past so many bytes: what asks for more gets none. */
export function boundMemory(most: number): void {
  const { prototype } = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE > most) throw new RangeError('takes more memory than it may');
    return grow.call(this, pages);
  };
}
