import { Finding } from './target.ts';

/** Errors of these kinds are slips of a program, never an answer to an input. */
const SLIPS = new Set([
  'TypeError',
  'ReferenceError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'AssertionError',
]);

/** What JavaScript's engine and Node say where a program asks for what can't be. */
const ENGINE_WORDS = [
  /cannot (read|set) propert/i,
  /cannot (define|convert|destructure|access)\b/i,
  /is not (a function|iterable|defined|a constructor|an object)\b/,
  /invalid (typed )?array (buffer )?length/i,
  /array buffer allocation/i,
  /(offset|index) is (outside|out of)/i,
  /(start|byte) (offset|length) .* (is outside|should be a multiple)/i,
  /maximum call stack/i,
  /invalid string length/i,
  /cannot create a (string|buffer) larger/i,
  /bigint/i,
  /invalid code point/i,
  /\bundefined is not\b/,
  /is out of range\. It must/,
  /JSON\.parse/,
  /\[object Object\]/,
];

/**
 * Why an error is no answer to an input; undefined where it is one in the project's words. An error of the engine that is
 * put into another's sentence is none either: nobody meant it.
 */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `threw ${typeof error} ${String(error)}`;
  if (error instanceof Finding) return error.message;
  const code = 'code' in error ? String(error.code) : '';
  const isSlip = SLIPS.has(error.name) || code.startsWith('ERR_') || 'syscall' in error;
  if (isSlip || ENGINE_WORDS.some((words) => words.test(error.message)))
    return `${error.name}: ${error.message}`;
  return undefined;
}
