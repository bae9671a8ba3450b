import type { Encoder } from '../../../encoder/encoder.ts';
import type { NewPicture } from '../../collection/change.ts';
import type { StoredFile } from '../../collection/collection.ts';
import type { FileFacts } from '../../collection/picture.ts';
import type { ReadPicture } from '../../pictures/pictures.ts';
import type { Claim, ClaimedFile, ClaimOutcome, Claims } from '../reading/claims.ts';
import type { Entry } from '../reading/prepare.ts';
import type { ReadEvent } from '../reading/readTasks.ts';
import type { FileFate, Ledger } from '../summary/ledger.ts';
import type { PartlyRead } from '../summary/partlyRead.ts';
import { embedRows } from './embedRows.ts';
import type { Writer } from './writer.ts';

/** Pictures that are embedded together: several runs of the engine, of which the next is prepared meanwhile. */
const GROUP = 32;

/** A file while its pictures are embedded. */
interface Open {
  readonly pictures: NewPicture[];
  /** Pictures that wait for the model. */
  waiting: number;
  isRead: boolean;
  /** What of the file could not be read. */
  missing?: string | undefined;
  reason?: string;
}

export interface EmbedContext {
  readonly encoder: Pick<Encoder, 'embedImages'>;
  readonly claims: Claims;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly partly: PartlyRead;
}

const withoutPath = (error: unknown, path: string): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.startsWith(`${path}: `) ? text.slice(path.length + 2) : text;
};

const hasContent = (known: StoredFile | undefined, { hash, how }: FileFacts): boolean =>
  known !== undefined && known.bad === undefined && known.hash === hash && known.how === how;

function fateOf({ file, known, before }: Entry): FileFate {
  if (before.length > 0) return 'moved';
  if (known === undefined || known.bad !== undefined) return 'new';
  return hasContent(known, file) ? 'embedded' : 'replaced';
}

/** Embeds what is read, in groups, and hands each file to the writer when all of its pictures have vectors. */
export async function embedTasks(
  reads: AsyncIterable<ReadEvent>,
  { encoder, claims, writer, ledger, partly }: EmbedContext,
): Promise<void> {
  const open = new Map<Entry, Open>();
  let group: { readonly entry: Entry; readonly picture: ReadPicture }[] = [];

  const openOf = (entry: Entry): Open => {
    const known = open.get(entry) ?? { pictures: [], waiting: 0, isRead: false };
    open.set(entry, known);
    return known;
  };

  /** A file with content whose outcome is known. */
  function settle({ file, known }: ClaimedFile, { pictures, reason }: ClaimOutcome, as: FileFate): void {
    if (pictures) {
      writer.add([{ kind: 'file', file, pictures }]);
      ledger.good(as);
    } else if (reason === undefined) ledger.good('later');
    else {
      // What another model knows of the same bytes is not thrown away.
      if (!hasContent(known, file)) writer.add([{ kind: 'bad', file, reason }]);
      ledger.bad(file.path, reason);
    }
  }

  function fulfil(claim: Claim, outcome: ClaimOutcome): void {
    claim.outcome = outcome;
    for (const one of claim.followers) settle(one, outcome, 'copied');
    writer.add([], () => claims.release(claim));
  }

  function close(entry: Entry, outcome: ClaimOutcome): void {
    open.delete(entry);
    if (outcome.pictures) ledger.embedded(outcome.pictures.length);
    if (entry.before.length > 0) writer.add(entry.before);
    settle(entry, outcome, fateOf(entry));
    fulfil(entry.claim, outcome);
  }

  /** Closes a file when all of its pictures are there. */
  function closeIfDone(entry: Entry): void {
    const { isRead, waiting, pictures, reason, missing } = openOf(entry);
    if (!isRead || waiting > 0) return;
    if (reason === undefined) {
      partly.set(entry.file, missing);
      close(entry, { pictures });
      return;
    }
    // Another model may have an answer: nothing is remembered of the file.
    open.delete(entry);
    ledger.bad(entry.file.path, reason);
    fulfil(entry.claim, {});
  }

  async function embedGroup(): Promise<void> {
    const some = group;
    group = [];
    if (some.length > 0) {
      const rows = await embedRows(
        encoder,
        some.map(({ picture }) => picture.image),
      );
      for (const [i, { entry, picture }] of some.entries()) {
        const file = open.get(entry);
        if (!file) continue;
        file.waiting--;
        const row = rows[i]!;
        if (row instanceof Error) file.reason = row.message;
        else file.pictures.push({ ...picture.facts, vector: row });
        closeIfDone(entry);
      }
    }
    if (writer.isDue()) await writer.flush();
  }

  function take(event: ReadEvent): void {
    switch (event.kind) {
      case 'picture':
        openOf(event.entry).waiting++;
        group.push(event);
        return;
      case 'end':
        Object.assign(openOf(event.entry), { isRead: true, missing: event.missing });
        closeIfDone(event.entry);
        return;
      case 'failed':
        close(event.entry, { reason: withoutPath(event.error, event.entry.file.path) });
        return;
      case 'changing':
        ledger.good('later');
        if (event.entry) {
          open.delete(event.entry);
          fulfil(event.entry.claim, {});
        }
        return;
      case 'unreadable':
        ledger.bad(event.path, event.reason);
        return;
      case 'same':
        if (event.claim.outcome) settle(event, event.claim.outcome, 'copied');
        else event.claim.followers.push(event);
        return;
      case 'known':
        writer.add(event.changes);
        ledger.good(event.as);
        if (event.claim) fulfil(event.claim, event.claim.outcome ?? {});
    }
  }

  for await (const event of reads) {
    take(event);
    if (group.length >= GROUP || writer.isDue()) await embedGroup();
  }
  await embedGroup();
  await writer.finish();
}
