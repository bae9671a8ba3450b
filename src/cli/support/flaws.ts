import type { z } from 'zod';

/** Fields that a module's export lacks, or the first that is wrong: for users, who know nothing of zod. */
export function flawsText({ issues }: z.ZodError): string {
  const path = (issue: (typeof issues)[number]): string => issue.path.join('.');
  const missing = issues.filter(({ message }) => /received undefined$/.test(message)).map(path);
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
  const [first] = issues;
  return first ? `${path(first)}: ${first.message.replace(/^Invalid input: /, '')}` : 'it is something else';
}
