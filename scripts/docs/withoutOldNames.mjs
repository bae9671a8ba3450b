// A plug-in of TypeDoc: names that `siglip2` keeps for one release more are documented where they belong, and not there.
import { readFileSync } from 'node:fs';
import { Converter } from 'typedoc';

const source = readFileSync(new URL('../../src/deprecated.ts', import.meta.url), 'utf8');
const old = new Set([...source.matchAll(/^ {2}(?:type )?(?:\w+ as )?(\w+),$/gm)].map(([, name]) => name));

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const face = project.getChildByName('siglip2');
    if (old.size === 0 || !face?.children) throw new Error('the old names of siglip2 are not found');
    for (const child of [...face.children]) if (old.has(child.name)) project.removeReflection(child);
  });
}
