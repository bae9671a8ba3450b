import { basename, join, resolve } from 'node:path';
import { writeAtomic } from '../../../checkpoint/files/atomic.ts';
import { readHistory } from './history.ts';
import { reportHtml } from './reportHtml.ts';

/**
 * Writes the curves of a run, finished or not, as one HTML page into its folder.
 * @returns the page's path
 * @throws Error when the folder holds no run
 * @example
 * console.log(await writeReport('out/run'));
 */
export async function writeReport(runDir: string): Promise<string> {
  const path = join(runDir, 'report.html');
  const html = reportHtml(basename(resolve(runDir)), await readHistory(runDir));
  await writeAtomic(path, (file) => file.writeFile(html));
  return path;
}
