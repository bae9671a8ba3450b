/**
 * The bytes of a stream, put together.
 * @throws TypeError when a chunk is not bytes.
 */
export async function collectBytes(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError(`a stream of bytes gave ${typeof chunk}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
