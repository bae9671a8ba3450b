import { UnexpectedAnswer } from '../hubError.ts';
import type { Answer } from './client.ts';

/**
 * A whole body, of at most `limit` bytes, as JSON.
 * @throws UnexpectedAnswer when there is more, or it is not JSON.
 */
export async function readJsonBody({ body, header }: Answer, limit: number): Promise<unknown> {
  const tooLong = `more than ${limit} bytes`;
  if (Number(header('content-length') ?? 0) > limit) throw new UnexpectedAnswer(tooLong);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > limit) throw new UnexpectedAnswer(tooLong);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    throw new UnexpectedAnswer('not JSON', { cause });
  }
}
