import { type Command, InvalidArgumentError } from 'commander';
import { validate as isUuid } from 'uuid';
import { parseDatasetUrl } from '../../lambdas/shared/hub/parse-dataset-url.ts';
import { CliError } from '../cli-error.ts';
import { INTERRUPTED, Interrupted, withInterrupt } from '../interrupt.ts';
import { commandLine, DEFAULT_DATA_DIR } from '../program-name.ts';
import type { ImportRequest } from '../run-import.ts';
import type { Runner } from '../runner.ts';

interface ImportOptions extends Omit<ImportRequest, 'url'> {
  readonly json?: boolean;
  readonly dataDir: string;
}

const EXAMPLES = `
Examples:
  $ modomo import https://huggingface.co/datasets/modomo/sample-rooms
  $ modomo import hf.co/datasets/detection-datasets/coco --split val --max-images 500
  $ modomo import https://huggingface.co/datasets/0jl/NYUv2 --image-column image --name "NYU depth"
  $ modomo import hf://datasets/modomo/sample-rooms@main --refresh --json | jq .processed_scenes

The same import again is a rerun: what is there already is skipped. Ctrl-C leaves the job running.
Exit code: 0 when the import succeeded (rows may have failed: the result says which), 1 when it failed,
2 when the command is wrong, 130 after Ctrl-C.`;

export function addImportCommand(program: Command, run: Runner): void {
  program
    .command('import')
    .summary('import a Hugging Face image dataset')
    .description('Import a Hugging Face image dataset: each image into the bucket, each row into the database.')
    .argument('<url>', 'address of the dataset, in any form that the Hub writes it')
    .option('--config <name>', "config (subset) of the dataset; default: the URL's, or the only one")
    .option('--split <name>', "split; default: the URL's, or train")
    .option('--revision <rev>', "branch, tag or commit; default: the URL's, or main")
    .option('--image-column <name>', 'column with the image; default: found from the features')
    .option('--max-images <n>', 'only the first n rows', positiveInt)
    .option('--refresh', 'import rows again that are there already; reviewed scenes stay as they are')
    .option('--no-process', 'do not analyse the images after the import')
    .option(
      '--dataset-id <uuid>',
      'row of the table datasets; default: the one with this URL, created if there is none',
      uuid,
    )
    .option(
      '--name <name>',
      "name of the dataset, which is another one than that of the URL's; default: the repository's",
      filled,
    )
    .option('--json', "print the job's output alone, as one line of JSON on stdout")
    .option('--data-dir <dir>', 'folder of the stack', DEFAULT_DATA_DIR)
    .addHelpText('after', EXAMPLES)
    .action((url: string, options: ImportOptions) => run(() => importDataset({ url, ...options }, options)));
}

async function importDataset(request: ImportRequest, { json, dataDir }: ImportOptions): Promise<number> {
  checkUrl(request.url);
  const { requireEndpoints } = await import('../stack-clients.ts');
  const { runImport } = await import('../run-import.ts');
  const endpoints = requireEndpoints(dataDir);
  try {
    const { job, text } = await withInterrupt((signal) => runImport(request, { endpoints, dataDir, signal }));
    process.stdout.write(json ? `${JSON.stringify(job.output)}\n` : text);
    return job.status === 'succeeded' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (error.jobId !== undefined) {
      process.stderr.write(
        `Job ${error.jobId} goes on. Look at it with \`${commandLine(`status ${error.jobId}`, dataDir)}\`.\n`,
      );
    }
    return INTERRUPTED;
  }
}

/** Before anything is written: a wrong URL leaves no dataset behind. */
function checkUrl(url: string): void {
  try {
    parseDatasetUrl(url);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error, exitCode: 2 });
  }
}

function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be blank.');
  return text;
}

function positiveInt(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  }
  return value;
}

function uuid(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('It must be a uuid, the id of a row of the table datasets.');
  return text;
}
