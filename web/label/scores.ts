import { classify, client, type Score } from '../shared/client.ts';
import { itemOf, type Subject } from '../shared/subject.ts';
import { uploadable } from '../shared/uploadable.ts';
import type { Templates } from './templateChoice.ts';

/** How well labels fit a picture. */
export interface Scores {
  /** Best first. */
  readonly found: readonly Score[];
  /** Labels that the model reads in part only, where the server says it. */
  readonly cut: readonly string[];
}

/** Each label's probability for a picture. A given one goes as a form: as JSON it would be a third larger. */
export async function scoresOf(
  subject: Subject,
  labels: readonly string[],
  templates: Templates,
  signal: AbortSignal,
): Promise<Scores> {
  if (subject.kind === 'given')
    return { found: await classify(await uploadable(subject.file), labels, signal, templates), cut: [] };
  const json = { input: await itemOf(subject), labels: [...labels], templates };
  const answer = await (await client.v1.classify.$post({ json }, { init: { signal } })).json();
  return { found: answer.data[0]?.scores ?? [], cut: answer.truncated_labels };
}
