import type { Command } from 'commander';
import { DEFAULT_DATA_DIR } from '../program-name.ts';
import type { Runner } from '../runner.ts';

interface StatusOptions {
  readonly json?: boolean;
  readonly dataDir: string;
}

const EXAMPLES = `
Examples:
  $ modomo status 0d2f8a3e-5c1b-4f6a-9a51-3f0c6f1f7b11
  $ modomo status 0d2f8a3e-5c1b-4f6a-9a51-3f0c6f1f7b11 --json | jq .status

Status: queued, running, succeeded, failed, aborted (stopped by someone) or timed_out.`;

export function addStatusCommand(program: Command, run: Runner): void {
  program
    .command('status')
    .summary('show how far a job is, or how it ended')
    .description('Show how far a job is, or how it ended.')
    .argument('<job>', 'id of the job, as `modomo import` prints it')
    .option('--json', 'print one line of JSON on stdout')
    .option('--data-dir <dir>', 'folder of the stack', DEFAULT_DATA_DIR)
    .addHelpText('after', EXAMPLES)
    .action((jobId: string, options: StatusOptions) => run(() => showStatus(jobId, options)));
}

async function showStatus(jobId: string, { json, dataDir }: StatusOptions): Promise<number> {
  const { readStatus } = await import('../read-status.ts');
  const { json: line, text } = await readStatus(jobId, dataDir);
  process.stdout.write(json ? `${JSON.stringify(line)}\n` : text);
  return 0;
}
