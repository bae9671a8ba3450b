import type { BadReason, Read } from './sample.ts';

/** A read that failed. */
export const badRead = (source: string, key: string, reason: BadReason, detail: string): Read => ({
  bad: { source, key: printable(key), reason, detail: printable(detail) },
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Names from strangers, without control characters and of bounded length, for terminals and logs. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd').slice(0, 300);
