import { createApp } from '../../../src/server/app.ts';
import { createImageReader } from '../../../src/server/decode/imageReader.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import type { Service } from '../../../src/server/service.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { json, png } from '../requests.ts';

/** Its threads take most of a second to start: one for all files. */
export const images = createImageReader(fakeEncoder());

/** The server's app around an encoder whose every answer is known. */
export function appWith(changes: Partial<Service> = {}) {
  const encoder = changes.encoder ?? fakeEncoder();
  return createApp({
    encoder,
    images,
    model: describeModel('org/a-model', encoder),
    log: () => {},
    ...changes,
  });
}

/** An image of one colour as a data URI. */
export async function pngUri(r: number, g: number, b: number): Promise<string> {
  const file = await png(r, g, b);
  return `data:image/png;base64,${Buffer.from(await file.arrayBuffer()).toString('base64')}`;
}

/** The status and the parsed answer. */
export async function ask(app: ReturnType<typeof appWith>, path: string, body: unknown) {
  const response = await app.request(path, json(body));
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}
