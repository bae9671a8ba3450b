import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { codeOf } from '../../checkpoint/files/errorCode.ts';
import type { Recipe } from '../../train/recipe.ts';
import { renamedField } from '../../train/timeline/checkTimeline.ts';
import type { Timeline } from '../../train/timeline/timeline.ts';
import { registerRecipeHooks } from './recipeHooks.ts';

const isFunction = (value: unknown): value is Recipe['prepare'] => typeof value === 'function';

const isTimeline = (value: unknown): value is Timeline =>
  typeof value === 'object' && value !== null && 'stages' in value;

const timelineSchema = z.custom<Timeline>(isTimeline, {
  error: ({ input }) =>
    (typeof input === 'object' && input !== null && renamedField(input)) || 'expected a Timeline',
});

const recipeSchema = z.object({
  name: z.string().min(1),
  description: z.string(),
  saveEvery: z.int().positive(),
  timeline: timelineSchema.optional(),
  prepare: z.custom<Recipe['prepare']>(isFunction, 'expected a function'),
});

const moduleSchema = z.looseObject({ default: z.looseObject({}) });

/** What a recipe may be. */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs'] as const;

/**
 * Imports a module that may be TypeScript. The compiled command runs in a plain Node, which may not know TypeScript:
 * there tsx is registered for the rest of the process (not `tsImport`, whose separate namespace would load a second
 * copy of this package into the recipe).
 */
async function importModule(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  const compiled = !import.meta.url.endsWith('.ts');
  if (compiled && /\.[mc]?tsx?$/.test(path)) {
    const { register } = await import('tsx/esm/api');
    register();
  }
  // After tsx, whose guess at a file's format they correct.
  registerRecipeHooks();
  return import(/* @vite-ignore */ url);
}

/**
 * Loads a recipe: a JavaScript or TypeScript module whose default export is a {@link Recipe}.
 * @throws Error naming the file and what is wrong with it.
 */
export async function loadRecipe(file: string): Promise<Recipe> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`${file}: no such file; give the path of a recipe module`);
  if (!EXTENSIONS.some((extension) => extension === extname(path)))
    throw new Error(`${file}: is no recipe module; expected a file that ends in ${EXTENSIONS.join(', ')}`);
  const loaded = await importModule(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const kind = codeOf(cause) === 'ERR_MODULE_NOT_FOUND' ? 'imports what is not there' : 'cannot be loaded';
    throw new Error(`${file}: ${kind} (${reason})`, { cause });
  });
  const exported = moduleSchema.safeParse(loaded);
  if (!exported.success) throw new Error(`${file}: has no default export; export default a Recipe`);
  const recipe = recipeSchema.safeParse(exported.data.default);
  if (!recipe.success) {
    const issue = recipe.error.issues[0];
    throw new Error(`${file}: the default export is no Recipe: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { prepare, timeline, ...rest } = recipe.data;
  // Called as a method: a recipe may be an instance with a state of its own.
  return { ...rest, ...(timeline && { timeline }), prepare: prepare.bind(exported.data.default) };
}
