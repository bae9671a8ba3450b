import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EMBEDDED_MODEL } from '../../../src/encoder/embeddedModel.ts';

const entrySchema = z.looseObject({ stage: z.string(), step: z.number() });

/** The embedded model's own training as a folder of runs: it, and a part of it that goes on. */
export function madeRuns(folder: string): void {
  const entries = readFileSync(join(EMBEDDED_MODEL, 'training-log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => entrySchema.parse(JSON.parse(line)));
  const stages = [...new Set(entries.map(({ stage }) => stage))];
  const write = (name: string, kept: typeof entries) => {
    const outline = stages.map((stage, i) => ({ name: stage, dir: stage, ...(i > 0 && { parent: i - 1 }) }));
    for (const { name: stage } of outline) {
      mkdirSync(join(folder, name, stage), { recursive: true });
      const lines = kept
        .filter((entry) => entry.stage === stage)
        .map(({ stage: _, ...entry }) => JSON.stringify(entry));
      if (lines.length > 0) writeFileSync(join(folder, name, stage, 'log.jsonl'), `${lines.join('\n')}\n`);
    }
    writeFileSync(join(folder, name, 'stages.json'), JSON.stringify(outline));
  };
  write('emoji', entries);
  const now = Date.now() / 1000;
  write(
    'emoji-again',
    entries.slice(0, 6000).map((entry) => ({ ...entry, loss: 1.1 * Number(entry['loss']), time: now })),
  );
}
