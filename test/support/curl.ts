import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { HOST } from '../server/requests.ts';

/** The commands of a block of shell: one a line, or with a document that ends at END. */
export const commandsOf = (block: string): string[] =>
  [...block.matchAll(/^\S.*?<<END\n[\s\S]*?^END$|^\S.*$/gm)].map(([command]) => command);

/** What a shell puts in place of the letters of files that a guide's commands ask for. */
const withFiles = (text: string): string =>
  text.replaceAll(/\$\(base64 < (\S+) \| tr -d '\\n'\)/g, (_, file: string) =>
    readFileSync(file).toString('base64'),
  );

/** A command line as a shell splits it: words and single-quoted strings. */
const words = (line: string): string[] => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!);

function addField(form: FormData, field: string): void {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(field) ?? [];
  if (value.startsWith('@')) form.append(name, new File([readFileSync(value.slice(1))], basename(value)));
  else form.append(name, value);
}

/**
 * The request that a command of curl sends: the part of its language that our guides use, so that they are tested where there
 * is neither a shell nor curl.
 * @throws Error for anything else
 */
export function curlRequest(command: string): { path: string; init: RequestInit } {
  const [line = '', ...document] = command.split('\n');
  const [program, url = '', ...options] = words(line.replace(/ <<END$/, ''));
  const { pathname, search } = new URL(url);
  const init: { method: string; headers: Record<string, string>; body?: string | FormData } = {
    method: options.length > 0 ? 'POST' : 'GET',
    headers: { ...HOST },
  };
  const form = new FormData();
  for (let i = 0; i < options.length; i += 2) {
    const [option, value = ''] = [options[i], options[i + 1]];
    if (option === '--json') {
      init.headers['content-type'] = 'application/json';
      init.body = value === '@-' ? withFiles(document.slice(0, -1).join('\n')) : value;
    } else if (option === '-F') {
      addField(form, value);
      init.body = form;
    } else throw new Error(`${program} ${option}: not known here`);
  }
  return { path: pathname + search, init };
}
