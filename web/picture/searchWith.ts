import { keepFile } from '../search/query/givenFiles.ts';
import { FILES } from '../search/query/queryAddress.ts';
import type { Subject } from '../shared/subject.ts';
import { address, go, kept } from '../shell/router.ts';

/** A search with this picture as one more part; of another collection, where it is in another one. */
export function searchWith(subject: Subject): void {
  const changes = { view: 'search', picture: undefined, where: undefined };
  if (subject.kind === 'given') {
    const keys = [kept(FILES) ?? '', keepFile(subject.file)].filter((key) => key !== '');
    go(changes, { kept: { [FILES]: keys.join(',') } });
    return;
  }
  const { collection, id } = subject;
  const { values } = address();
  const before = values.get('in') === collection ? values.getAll('like') : [];
  go({ ...changes, in: collection, like: [...new Set([...before, String(id)])] });
}
