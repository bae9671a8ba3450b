import {
  type CollectionInfo,
  lastCollection,
  missingCollections,
  rememberCollection,
  servedCollections,
  watchCollections,
} from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import { address, go, kept, scrolledBefore, watchAddress } from '../shell/router.ts';
import { box } from './box/box.ts';
import { collectionChoice } from './box/collectionChoice.ts';
import { exampleChips, rotateExamples } from './box/exampleChips.ts';
import { partChips } from './box/partChips.ts';
import { withoutSheet } from './box/withoutSheet.ts';
import { filterSheet } from './filters/filterSheet.ts';
import { Results } from './list/results.ts';
import { noticeFor } from './notice.ts';
import { keepFile } from './query/givenFiles.ts';
import { type Query, withPart } from './query/query.ts';
import { changesOf, FILES, filesText, queryOf } from './query/queryAddress.ts';

/** The history keeps under this name that an entry is of a text that is still being typed. */
const TYPING = 'typing';

const currentQuery = (): Query => queryOf(address(), kept(FILES));

/** Shows another query; Back returns to the one before. */
function goToQuery(query: Query): void {
  go(changesOf(query), { kept: { [FILES]: filesText(query) } });
}

/** Follows a text while it is typed, in one entry of the history. */
function goToTyped(text: string): void {
  const replace = kept(TYPING) === '1';
  go({ q: text, picture: undefined }, { replace, kept: { [FILES]: kept(FILES) ?? '', [TYPING]: '1' } });
}

/** What is typed next is another query. */
function endTyping(): void {
  if (kept(TYPING) === '1') go({}, { replace: true, kept: { [FILES]: kept(FILES) ?? '' } });
}

/** The search box, what can be added to it, and what it finds. */
export function searchSection(signal: AbortSignal) {
  let collections: readonly CollectionInfo[] = [];
  let unreached: string | null = null;
  let isReady = false;
  let shown = '';

  const chooser = collectionChoice((name) => {
    rememberCollection(name);
    // Ids and folders are of the collection.
    const { text, parts } = currentQuery();
    goToQuery({ collection: name, text, parts: parts.filter(({ kind }) => kind !== 'like'), filter: {} });
  });
  const field = box({
    onType: goToTyped,
    onSubmit: endTyping,
    onPicture: (file) => take(file),
    onDown: () => void results.grid.focus(),
  });
  const without = withoutSheet(field.without, (text) =>
    goToQuery(withPart(currentQuery(), { kind: 'text', text, isNot: true })),
  );
  const parts = partChips((now) => goToQuery({ ...currentQuery(), parts: now }));
  const filters = filterSheet((filter) => goToQuery({ ...currentQuery(), filter }));
  const examples = exampleChips((text) => goToQuery({ ...currentQuery(), text }));
  const sticky = h('div', { class: 'find' }, field.element);
  const notice = h('div', { class: 'notices' });
  const results = new Results(
    {
      covered: () => (getComputedStyle(sticky).position === 'sticky' ? sticky.offsetHeight : 0),
      moreLike: (id) =>
        goToQuery(withPart({ ...currentQuery(), text: '' }, { kind: 'like', id, isNot: false })),
      onLeave: () => {
        field.input.focus();
        field.input.select();
      },
      onNew: () => scrollTo(0, scrolledBefore()),
    },
    signal,
  );
  const take = (file: File) =>
    goToQuery(withPart(currentQuery(), { kind: 'file', key: keepFile(file), isNot: false }));

  const chosenOf = ({ collection }: Query): CollectionInfo | undefined => {
    if (collection !== undefined) return collections.find(({ name }) => name === collection);
    return collections.find(({ name }) => name === lastCollection()) ?? collections[0];
  };
  const follow = () => {
    if (!isReady) return;
    const query = currentQuery();
    const chosen = chosenOf(query);
    const key = JSON.stringify([chosen, query]);
    if (key === shown) return;
    shown = key;
    if (query.collection !== undefined && chosen) rememberCollection(chosen.name);
    field.show(query.text);
    chooser.show(collections, chosen?.name);
    parts.show(query.parts, chosen?.name);
    filters.show(query.filter, chosen);
    examples.show(query.text);
    examples.element.hidden = chosen?.fixed === false;
    notice.replaceChildren(...[noticeFor(collections, chosen, query.collection) ?? []].flat());
    if (unreached !== null) notice.append(h('p', { class: 'tip' }, unreached));
    if (chosen && chosen.pictures > 0) results.ask(chosen, query, kept(TYPING) !== '1');
    else results.clear();
  };
  const start = async () => {
    collections = await servedCollections();
    unreached = await missingCollections();
    isReady = true;
    if (!signal.aborted) follow();
  };
  document.addEventListener(
    'keydown',
    (event) => {
      const isWriting =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog');
      if (event.key !== '/' || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.input.focus();
      field.input.select();
    },
    { signal },
  );
  watchAddress(follow, signal);
  watchCollections(() => start().catch((error: Error) => results.fail(error)), signal);
  rotateExamples(field.input, signal);
  field.show(currentQuery().text);

  const element = h(
    'section',
    { id: 'search', class: 'find-section', 'aria-labelledby': 'search-title' },
    h('h1', { id: 'search-title' }, 'Say it in any language.'),
    sticky,
    parts.element,
    h('div', { class: 'choices' }, chooser.element, filters.button, examples.element),
    filters.element,
    without,
    notice,
    results.status,
    results.grid.element,
  );
  return {
    element,
    take,
    start,
    fail: (error: Error) => results.fail(error),
    focus: () => field.input.focus({ preventScroll: true }),
  };
}
