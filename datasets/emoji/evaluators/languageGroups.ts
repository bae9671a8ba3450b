import { meanRecall, type Recall } from '../../../src/evaluate/index.ts';
import type { Locale } from '../texts/languages.ts';
import type { LocaleResult } from './localeResult.ts';

/** Retrieval in the languages of one branch of a family. */
export interface BranchResult {
  readonly branch: string;
  readonly locales: readonly string[];
  /** Means over its locales, each counting the same. */
  readonly textToImage: Recall;
  readonly imageToText: Recall;
}

/**
 * Retrieval per language group: locales by the branch of their language's family, the best group (text → image R@1)
 * first.
 * @throws Error naming a locale that the table does not have.
 */
export function retrievalByBranch(
  results: readonly LocaleResult[],
  locales: readonly Locale[],
): BranchResult[] {
  const branchOf = new Map(locales.map(({ id, branch }) => [id, branch]));
  const groups = new Map<string, LocaleResult[]>();
  for (const result of results) {
    const branch = branchOf.get(result.locale);
    if (branch === undefined) throw new Error(`there is no locale '${result.locale}' to group by`);
    groups.set(branch, [...(groups.get(branch) ?? []), result]);
  }
  return [...groups]
    .map(([branch, members]) => ({
      branch,
      locales: members.map(({ locale }) => locale),
      textToImage: meanRecall(members.map((one) => one.textToImage)),
      imageToText: meanRecall(members.map((one) => one.imageToText)),
    }))
    .sort((a, b) => b.textToImage.at1 - a.textToImage.at1 || a.branch.localeCompare(b.branch, 'en'));
}
