import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE, VERSION, type Wheel } from './wheel.ts';

const jsonPage = z.object({ files: z.array(z.object({ filename: z.string(), url: z.string() })) });

/** pip knows its own index, proxy and certificates. Says whether it brought the wheel. */
function downloadByPip({ file }: Wheel, folder: string): boolean {
  const what = ['download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder];
  const programs = [['pip'], ['pip3'], ['python3', '-m', 'pip']];
  return programs.some(([program, ...first]) => {
    const options = { stdio: ['ignore', 'ignore', 'pipe'] as const, encoding: 'utf8' as const };
    const { status } = spawnSync(program!, [...first, ...what, `${PACKAGE}==${VERSION}`], {
      ...options,
      stdio: [...options.stdio],
    });
    return status === 0 && existsSync(join(folder, file));
  });
}

async function get(url: string, accept: string): Promise<Response> {
  const answer = await fetch(url, { headers: { accept } });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} ${answer.statusText}`);
  return answer;
}

/** Address of a file on the package's page of a simple index (PEP 503 and 691). */
async function addressOf({ file }: Wheel, index: string): Promise<string> {
  const page = `${index.replace(/\/+$/, '')}/${PACKAGE}/`;
  const answer = await get(page, 'application/vnd.pypi.simple.v1+json, text/html;q=0.5');
  const links = answer.headers.get('content-type')?.includes('json')
    ? jsonPage
        .parse(await answer.json())
        .files.flatMap(({ filename, url }) => (filename === file ? [url] : []))
    : [...(await answer.text()).matchAll(/href="([^"#]+)/g)]
        .map((match) => match[1]!)
        .filter((link) => link.endsWith(`/${file}`) || link === file);
  if (!links[0]) throw new Error(`${page} has no ${file}`);
  return new URL(links[0], answer.url).href;
}

/** Without pip: by the index's simple interface. */
async function downloadByHttp(wheel: Wheel, folder: string, index: string): Promise<void> {
  const answer = await get(await addressOf(wheel, index), '*/*');
  await writeFile(join(folder, wheel.file), Buffer.from(await answer.arrayBuffer()));
}

/**
 * Downloads a wheel into a folder: by pip where there is one, else from `PIP_INDEX_URL` or the public index.
 * @param byPip false: as on a machine without pip
 * @returns its path
 * @throws Error when the index does not answer, has no such file, or its bytes are others than those that were pinned
 */
export async function downloadWheel(
  wheel: Wheel,
  folder: string,
  { byPip = true, index = process.env['PIP_INDEX_URL'] || 'https://pypi.org/simple' } = {},
): Promise<string> {
  if (!byPip || !downloadByPip(wheel, folder)) await downloadByHttp(wheel, folder, index);
  const path = join(folder, wheel.file);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (sha256 !== wheel.sha256)
    throw new Error(`${wheel.file} has SHA-256 ${sha256}, not ${wheel.sha256} as was pinned; it is not used`);
  return path;
}
