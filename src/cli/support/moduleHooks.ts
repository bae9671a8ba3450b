import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { z } from 'zod';

const packageSchema = z.object({
  name: z.string(),
  exports: z.record(z.string(), z.union([z.string(), z.object({ default: z.string() })])),
});

/** Whether this file runs from source: the entry points are then the sources too. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** What a user's module may import of this package, by the name that it writes: `siglip2`, `siglip2/tensor` … → URL. */
export function ownEntryPoints(): Readonly<Record<string, string>> {
  const manifest = new URL('../../../package.json', import.meta.url);
  const { name, exports } = packageSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return Object.fromEntries(
    Object.entries(exports).flatMap(([path, target]) => {
      const file = typeof target === 'string' ? target : target.default;
      if (!file.endsWith('.js')) return [];
      const source = file.replace(/^\.\/dist\//, './src/').replace(/\.js$/, '.ts');
      return [[`${name}${path.slice(1)}`, new URL(FROM_SOURCE ? source : file, manifest).href]];
    }),
  );
}

/**
 * Runs where Node resolves modules, on a thread of its own in older Nodes: plain JavaScript in a string, as that thread
 * cannot load TypeScript and there is no file that is the same in `src` and in `dist`.
 *
 * - A file with `import` or `export` statements is an ES module, whatever the package.json above it says. Without that, a
 *   recipe in a folder of another kind would be required, which fails on a package of ES modules that is being loaded.
 * - This package, by its name, is the copy that is running, where it is not installed and where another is: what a module
 *   registers must be known to whoever imported it.
 */
const HOOKS = `
import { readFileSync } from 'node:fs';
let own = {};
export function initialize(data) {
  own = data.own;
}
const STATEMENT = /^[ \\t]*(?:import\\s*(?:["'{*]|type\\s|[\\w$]+\\s*(?:,|from))|export\\s*(?:default|const|let|var|function|class|async|type|interface|enum|abstract|[{*]))/m;
function isModule({ url, format }) {
  if (format === 'module' || format === 'builtin' || format === 'json' || !url.startsWith('file:')) return false;
  const { pathname } = new URL(url);
  if (pathname.includes('/node_modules/') || !/\\.(?:js|tsx?|jsx)$/.test(pathname)) return false;
  try {
    return STATEMENT.test(readFileSync(new URL(pathname, 'file:'), 'utf8').replace(/\\/\\*[^]*?\\*\\//g, ''));
  } catch {
    return false;
  }
}
export async function resolve(specifier, context, next) {
  const found = await next(Object.hasOwn(own, specifier) ? own[specifier] : specifier, context);
  return isModule(found) ? { ...found, format: 'module' } : found;
}
`;

let registered = false;

/** Lets modules that are imported from now on lie in any folder and name this package. Registers once a process. */
export function registerModuleHooks(): void {
  if (registered) return;
  registered = true;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: { own: ownEntryPoints() } });
}
