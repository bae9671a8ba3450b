import { counted, exact } from '../../shared/numbers.ts';
import type { Found } from '../query/ask.ts';
import type { Part, Query } from '../query/query.ts';

const quoted = (text: string): string => `“${text}”`;

function wordsOf(texts: readonly string[], parts: readonly Part[]): string[] {
  const count = (kind: Part['kind']) => parts.filter((part) => part.kind === kind).length;
  const files = count('file');
  const likes = count('like');
  return [
    ...texts.map(quoted),
    ...parts.flatMap((part) => (part.kind === 'text' ? [quoted(part.text)] : [])),
    ...(files > 0 ? [files === 1 ? 'the picture you gave' : `the ${files} pictures you gave`] : []),
    ...(likes > 0 ? [likes === 1 ? 'the chosen picture' : `the ${likes} chosen pictures`] : []),
  ];
}

/** A query in words: “a red bicycle” + the chosen picture without “snow”. */
export function queryWords({ text, parts }: Query): string {
  const wanted = wordsOf(
    text === '' ? [] : [text],
    parts.filter(({ isNot }) => !isNot),
  );
  const unwanted = wordsOf(
    [],
    parts.filter(({ isNot }) => isNot),
  );
  return wanted.join(' + ') + (unwanted.length > 0 ? ` without ${unwanted.join(' or ')}` : '');
}

/** What came of a search, in a sentence. */
export function foundWords(query: Query, { hits, fits, total, cutTexts }: Found, hasAll: boolean): string {
  const words = queryWords(query);
  const among = counted(total, 'picture');
  const cut = cutTexts
    .map((text) => ` Of ${quoted(text)} the model read the beginning only: it is too long.`)
    .join('');
  if (total === 0) return `There are no pictures to look at for ${words}.`;
  if (!fits) return `Nothing fits ${words} among ${among}.${cut}`;
  const fitting = hits.filter(({ fits: does }) => does).length;
  if (fitting === hits.length && !hasAll) return `${words}: more than ${fitting} of ${among} fit.${cut}`;
  return `${words}: ${fitting} of ${among} ${fitting === 1 ? 'fits' : 'fit'}.${cut}`;
}

/**
 * How many pictures are shown when nothing is looked for.
 * @param isCut whether there are more than a list can have
 */
export function shownWords(count: number, all: number, isCut: boolean): string {
  if (isCut) return `The newest ${exact(count)} of ${counted(all, 'picture')}: filters show others.`;
  return count === all ? counted(all, 'picture') : `${exact(count)} of ${counted(all, 'picture')}`;
}
