import type { Command } from 'commander';
import { writeReport } from '../../train/run/report/writeReport.ts';
import { type CliIo, print } from '../support/io.ts';
import { examples } from '../support/options.ts';

export function register(program: Command, io: CliIo): void {
  program
    .command('report')
    .summary('curves of a training run as a web page')
    .description(
      'Writes report.html into the folder of a run, finished or not: losses, learning rate, rate and waiting share of every stage. The page needs no network. TensorBoard reads the same folder.',
    )
    .argument('<run>', 'the --run folder of a training; of a fine-tuning OUTPUT/run')
    .addHelpText('after', examples('siglip2 report runs/emoji', 'tensorboard --logdir runs/emoji'))
    .action(async (run: string) => print(io, await writeReport(run)));
}
