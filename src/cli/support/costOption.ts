import { type Command, Option } from 'commander';
import { z } from 'zod';

/** What `--cost` leaves in a command's options. */
export const costFields = { cost: z.boolean().default(false), plan: z.boolean().default(false) };

/** Adds `--cost`, and `--plan`, as it was called before, which still works and is not shown. */
export const withCost = (command: Command, what: string): Command =>
  command.option('--cost', `show ${what}, and train nothing`).addOption(new Option('--plan').hideHelp());

/** Whether the cost of a run is asked for instead of the run. */
export const wantsCost = ({ cost, plan }: { readonly cost: boolean; readonly plan: boolean }): boolean =>
  cost || plan;
