import { posix } from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { unlessInterrupted, withInterrupt } from '../interrupt.ts';
import { commandLine, DEFAULT_DATA_DIR } from '../program-name.ts';
import type { Runner } from '../runner.ts';

const SAMPLE = 'https://huggingface.co/datasets/modomo/sample-rooms';
const DEMO_DIR = posix.join(DEFAULT_DATA_DIR, 'demo');

const ABOUT = `
It starts an embedded stack on ${DEMO_DIR}, emptied first, so that each demo shows the same; a stack of yours on
${DEFAULT_DATA_DIR} is not touched. Needs no account and no network. Three rows of the sample are bad on purpose.

Examples:
  $ modomo demo
  $ modomo up --data-dir ${DEMO_DIR}     afterwards, to look around in what it has imported`;

export function addDemoCommand(program: Command, run: Runner): void {
  program
    .command('demo')
    .summary('import the sample dataset into a stack of its own')
    .description('Import the sample dataset into an embedded stack of its own, and show the result.')
    .addHelpText('after', ABOUT)
    .action(() => run(demo));
}

async function demo(): Promise<number> {
  const { readEndpoints } = await import('../../local/stack/endpoints.ts');
  const running = readEndpoints(DEMO_DIR);
  if (running) {
    throw new CliError(`another demo, or a stack, runs on ${DEMO_DIR} (process ${running.pid})`, {
      hint: `wait for its end, or stop it with \`${commandLine('down', DEMO_DIR)}\``,
    });
  }
  const { emptyDataFolder } = await import('../empty-data-folder.ts');
  const { startStack } = await import('../../local/stack/start-stack.ts');
  const { runImport } = await import('../run-import.ts');
  return withInterrupt(async (signal) => {
    process.stderr.write('Starting the embedded stack…\n');
    emptyDataFolder(DEMO_DIR);
    const stack = await unlessInterrupted(signal, startStack({ dataDir: DEMO_DIR, upstreamHub: null }));
    try {
      const options = { endpoints: stack.endpoints, dataDir: DEMO_DIR, signal, stackEnds: true };
      const { job, text } = await runImport({ url: SAMPLE, name: 'Sample rooms' }, options);
      process.stdout.write(`${text}\n${nextSteps()}`);
      return job.status === 'succeeded' ? 0 : 1;
    } finally {
      await stack.close();
    }
  });
}

function nextSteps(): string {
  const endpoints = posix.join(DEMO_DIR, 'endpoints.json');
  const read = (path: string): string => `$(jq -r ${path} ${endpoints})`;
  const query = '/rest/v1/scenes?select=hf_index,width,height,attrs&limit=3';
  return [
    'The demo has ended its stack; the data stays. Start it again to look around:',
    `  ${commandLine('up --detach', DEMO_DIR)}`,
    `  curl "${read('.supabase.url')}${query}" -H "apikey: ${read('.supabase.key')}"`,
    `  ${commandLine('down', DEMO_DIR)}`,
    '',
    'Import a dataset of your choice into a stack of your own:',
    `  ${commandLine('up --detach')}`,
    `  ${commandLine('import https://huggingface.co/datasets/NAMESPACE/NAME')}`,
    '',
  ].join('\n');
}
