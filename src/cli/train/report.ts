import type { Command } from 'commander';
import { writeReport } from '../../train/run/report/writeReport.ts';
import { type CliIo, print } from '../support/io.ts';
import { examples } from '../support/options.ts';

export function register(program: Command, io: CliIo): void {
  program
    .command('report')
    .summary('draw the curves of a run as a web page')
    .description(
      'Writes report.html into the folder of a run, finished or not: for every stage its losses, learning rate, steps a second, and the share of time that it waited for data. The page needs no network. TensorBoard reads the same folder.',
    )
    .argument('<run>', 'the --run folder of train, or OUTPUT/run of finetune')
    .addHelpText('after', examples('siglip2 report runs/emoji', 'tensorboard --logdir runs/emoji'))
    .action(async (run: string) => print(io, await writeReport(run)));
}
