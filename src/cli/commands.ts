import type { Command } from 'commander';
import { createRegistry } from '../tensor/support/registry.ts';
import type { CliIo } from './support/io.ts';

/** A command of the command line. */
export interface CommandEntry {
  /** What follows the program's name: `siglip2 embed`. */
  readonly name: string;
  /** Its module is imported when it is called for: the engine, the image decoder and the server take a second to load. */
  load(): Promise<CommandModule>;
}

/** What the file of a command exports. */
export interface CommandModule {
  /** Adds the command with its options and what it does. */
  register(program: Command, io: CliIo): void;
}

/** All commands, in the order in which help shows them. */
export const commands = createRegistry<CommandEntry>('command', [
  { name: 'embed', load: () => import('./encoder/embed.ts') },
  { name: 'score', load: () => import('./encoder/score.ts') },
  { name: 'classify', load: () => import('./encoder/classify.ts') },
  { name: 'caption', load: () => import('./encoder/caption.ts') },
  { name: 'index', load: () => import('./search/indexPictures.ts') },
  { name: 'collections', load: () => import('./search/collections.ts') },
  { name: 'search', load: () => import('./search/search.ts') },
  { name: 'duplicates', load: () => import('./search/duplicates.ts') },
  { name: 'tag', load: () => import('./search/tag.ts') },
  { name: 'heatmap', load: () => import('./search/heatmap.ts') },
  { name: 'train', load: () => import('./train/train.ts') },
  { name: 'report', load: () => import('./train/report.ts') },
  { name: 'finetune', load: () => import('./finetune/finetune.ts') },
  { name: 'evaluate', load: () => import('./evaluate/evaluate.ts') },
  { name: 'annotate', load: () => import('./data/annotate.ts') },
  { name: 'debias', load: () => import('./data/debias.ts') },
  { name: 'trim', load: () => import('./checkpoint/trim.ts') },
  { name: 'export', load: () => import('./checkpoint/export.ts') },
  { name: 'serve', load: () => import('./serve.ts') },
]);
