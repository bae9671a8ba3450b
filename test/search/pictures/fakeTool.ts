import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A PATH on which there are only the programs that a test puts there: scripts that Node runs. */
export function ownPath() {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-tools-'));
  const before = process.env['PATH'];
  let names = 0;
  return {
    folder,
    /** @param scripts CommonJS text by the program's name */
    set(scripts: Readonly<Record<string, string>>): void {
      // A folder of its own each time: what is found is remembered by the PATH.
      const bin = mkdtempSync(join(folder, `bin-${names++}-`));
      for (const [name, text] of Object.entries(scripts)) {
        writeFileSync(join(bin, name), `#!${process.execPath}\n${text}`);
        chmodSync(join(bin, name), 0o755);
      }
      process.env['PATH'] = [bin].join(delimiter);
    },
    /** The PATH as it was. */
    real(): void {
      process.env['PATH'] = before;
    },
    remove(): void {
      process.env['PATH'] = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
