import sharp from 'sharp';

/** What every HTTP/1.1 client sends. */
export const HOST = { host: '127.0.0.1:7272' };

export const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { ...HOST, 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** A form; a list gives the field several times. */
export function form(
  fields: Readonly<Record<string, string | File | readonly (string | File)[]>>,
): RequestInit {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) body.append(name, one);
  }
  return { method: 'POST', headers: HOST, body };
}

/** A PNG file of one colour. */
export async function png(r: number, g: number, b: number, alpha = 1, name = 'picture.png'): Promise<File> {
  const create = { width: 8, height: 8, channels: 4 as const, background: { r, g, b, alpha } };
  const bytes = await sharp({ create }).png().toBuffer();
  return new File([new Uint8Array(bytes)], name, { type: 'image/png' });
}

/** What an app is given of the connection on which a request comes: `app.request(path, init, onConnection('127.0.0.1'))`. */
export const onConnection = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
