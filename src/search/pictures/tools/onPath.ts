import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const found = new Map<string, string | undefined>();

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The path of a program by the PATH of this process, as a shell would find it. Looked for once.
 * @param name without `.exe`
 */
export function onPath(name: string): string | undefined {
  const path = process.env['PATH'] ?? '';
  const key = `${name}\n${path}`;
  if (!found.has(key)) {
    const file = process.platform === 'win32' ? `${name}.exe` : name;
    const folders = path.split(delimiter).filter((folder) => folder !== '');
    found.set(key, folders.map((folder) => join(folder, file)).find(isProgram));
  }
  return found.get(key);
}
