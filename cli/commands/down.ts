import type { Command } from 'commander';
import { DEFAULT_DATA_DIR } from '../program-name.ts';
import type { Runner } from '../runner.ts';

const EXAMPLES = `
Examples:
  $ modomo down
  $ modomo down --data-dir .modomo-2

Data stays. A job that runs is aborted; import again, and what is done is not done twice.`;

export function addDownCommand(program: Command, run: Runner): void {
  program
    .command('down')
    .summary('end the embedded stack')
    .description('End the embedded stack.')
    .option('--data-dir <dir>', 'folder of the stack', DEFAULT_DATA_DIR)
    .addHelpText('after', EXAMPLES)
    .action(({ dataDir }: { dataDir: string }) => run(() => down(dataDir)));
}

async function down(dataDir: string): Promise<number> {
  const { stopStack } = await import('../stop-stack.ts');
  process.stdout.write(`${await stopStack(dataDir)}\n`);
  return 0;
}
