import { corrupt } from './tarError.ts';

/** What a pax header says about the next member, as far as it is read. */
export interface PaxNotes {
  readonly path?: string;
  readonly size?: number;
}

const SPACE = 0x20;
const LINE_END = 0x0a;

/**
 * Reads the records of a pax header, each `<its length> <key>=<value>\n`.
 * @throws TarError when a record is malformed, or a size is no number of bytes
 */
export function readPax(content: Uint8Array): PaxNotes {
  const notes: { path?: string; size?: number } = {};
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const { key, value, end } = recordAt(content, at);
    if (key === 'path') notes.path = value;
    else if (key === 'size') notes.size = sizeOf(value);
    at = end;
  }
  return notes;
}

function recordAt(content: Uint8Array, at: number): { key: string; value: string; end: number } {
  const space = content.indexOf(SPACE, at);
  const digits = space < 0 ? '' : String.fromCharCode(...content.subarray(at, Math.min(space, at + 20)));
  const end = at + Number(/^\d{1,10}$/.exec(digits)?.[0]);
  const record = new TextDecoder().decode(content.subarray(space + 1, end - 1));
  const equals = record.indexOf('=');
  if (!(end > space + 1 && end <= content.length) || content[end - 1] !== LINE_END || equals < 1)
    throw corrupt(`invalid tar header: a pax record at its byte ${at} is malformed`);
  return { key: record.slice(0, equals), value: record.slice(equals + 1), end };
}

function sizeOf(value: string): number {
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size))
    throw corrupt(`invalid tar header: a pax size is ${JSON.stringify(value.slice(0, 40))}`);
  return size;
}
