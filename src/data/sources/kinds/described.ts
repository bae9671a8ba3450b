import { createTally, type TallyReport } from '../../samples/tally.ts';
import type { ImageFolderOptions } from '../folder/imageFolder.ts';
import type { IndexedSource, SourceOptions } from '../source.ts';

/** Whether any sample says something; else what is wrong with what should say it. */
async function findCaption(source: IndexedSource): Promise<{ found: boolean; why: TallyReport }> {
  const tally = createTally({ maxRate: 1 });
  for (let i = 0; i < source.size; i++) {
    const { sample, bad } = await source.read(i);
    if (sample && sample.captions.length > 0) return { found: true, why: tally.report() };
    // An image of which nothing is said is no reason for that.
    if (bad && bad.reason !== 'missing-caption') tally.bad(bad);
  }
  return { found: false, why: tally.report() };
}

const firstReason = ({ reasons }: TallyReport): string | undefined => {
  const [first] = Object.values(reasons).flatMap(({ examples }) => examples);
  return first && `${first.key}: ${first.detail}`;
};

/** Images whose captions, where no file says any, are the names of their folders. */
export async function openDescribed(
  open: (options: ImageFolderOptions) => Promise<IndexedSource>,
  what: string,
  options: SourceOptions,
): Promise<IndexedSource> {
  const captioned = await open(options);
  if (options.keepUncaptioned) return captioned;
  const { found, why } = await findCaption(captioned);
  if (found) return captioned;
  const labelled = await open({ ...options, folderLabels: true });
  if ((await findCaption(labelled)).found) return labelled;
  const remedy =
    firstReason(why) ??
    'put a text file beside each (otter.txt for otter.jpg), or a captions.csv with the columns file and caption, or sort them into sub-folders by name';
  throw new Error(`${what}: nothing says what its ${captioned.size - why.bad} images show; ${remedy}`);
}
