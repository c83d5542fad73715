import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.ts';
import { commandLine, DEFAULT_DATA_DIR } from '../program-name.ts';
import type { Runner } from '../runner.ts';

interface UpOptions {
  readonly detach?: boolean;
  readonly dataDir: string;
  readonly datasets?: readonly string[];
  readonly port?: number;
}

const EXAMPLES = `
Examples:
  $ modomo up                              until Ctrl-C
  $ modomo up --detach                     in the background, until \`modomo down\`
  $ modomo up --datasets ./my-datasets     serves ./my-datasets/<namespace>/<name>/ as a dataset
  $ modomo up --data-dir .modomo-2         a second stack, beside the first

Data stays in the data folder. {data-dir}/endpoints.json has every URL, key and ARN that a client needs.
HF_TOKEN, when it is set, is the token for private and gated datasets.`;

export function addUpCommand(program: Command, run: Runner): void {
  program
    .command('up')
    .summary('start the embedded stack')
    .description('Start the embedded stack: Step Functions, Lambdas, bucket, database and Hub, on this machine alone.')
    .option('-d, --detach', 'run in the background')
    .option('--data-dir <dir>', 'folder for everything that is stored', DEFAULT_DATA_DIR)
    .option('--datasets <dir>', 'folder of dataset repositories to serve; may be repeated', collect)
    .option('--port <n>', 'first of the four ports to listen on; default: any free ones', port)
    .addHelpText('after', EXAMPLES)
    .action((options: UpOptions) => run(() => up(options, program.opts<{ verbose?: boolean }>().verbose === true)));
}

async function up({ detach, dataDir, datasets = [], port }: UpOptions, verbose: boolean): Promise<number> {
  const { readEndpoints } = await import('../../local/stack/endpoints.ts');
  const { stackText } = await import('../stack-text.ts');
  const running = readEndpoints(dataDir);
  if (running) {
    throw new CliError(`a stack runs on ${dataDir} already (process ${running.pid})`, {
      hint: `stop it with \`${commandLine('down', dataDir)}\`, or choose another folder with --data-dir`,
    });
  }
  for (const folder of datasets) checkFolder(folder);
  if (!detach) {
    const { serveStack } = await import('../serve-stack.ts');
    return serveStack({ dataDir, datasetsDirs: datasets, port }, (endpoints) => {
      process.stdout.write(stackText(endpoints, dataDir, `Ctrl-C, or ${commandLine('down', dataDir)}`));
    });
  }
  const { startDetached } = await import('../start-detached.ts');
  const args = datasets.flatMap((folder) => ['--datasets', folder]);
  if (port !== undefined) args.push('--port', String(port));
  if (verbose) args.push('--verbose');
  const endpoints = await startDetached(dataDir, args);
  process.stdout.write(stackText(endpoints, dataDir, commandLine('down', dataDir)));
  return 0;
}

function checkFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new CliError(`there is no folder ${folder}`, {
    hint: '--datasets takes a folder that holds datasets as <namespace>/<name>/',
    exitCode: 2,
  });
}

function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_532) {
    throw new InvalidArgumentError('It must be a port from 1 to 65532.');
  }
  return value;
}
