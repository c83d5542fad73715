import { CliError } from './cli-error.ts';
import { firstFailures } from './first-failures.ts';
import { isRunning } from './job.ts';
import { commandLine } from './program-name.ts';
import { resultText, whereToLook } from './result-text.ts';
import { RunProgress } from './run-progress.ts';
import { connect, requireEndpoints } from './stack-clients.ts';
import { countsOf, runningText, statusLine } from './status-text.ts';

/**
 * Reads a job's status: its output when it has ended, else the counts of the records that its ranges keep.
 * @throws {CliError} when no stack runs on the folder, or there is no such job
 */
export async function readStatus(
  jobId: string,
  dataDir: string,
): Promise<{ json: Readonly<Record<string, unknown>>; text: string }> {
  const endpoints = requireEndpoints(dataDir);
  const clients = connect(endpoints);
  try {
    const job = await clients.describeJob(jobId);
    if (!job) {
      throw new CliError(`there is no job ${JSON.stringify(jobId)} on this stack`, {
        hint: `\`${commandLine('import', dataDir)}\` prints the id of the job that it starts`,
      });
    }
    // a job that was stopped has no output with counts: its records have them
    const hasCounts = job.output?.total_rows !== undefined;
    const progress = hasCounts ? undefined : await new RunProgress(jobId, clients.runs).read();
    const json = statusLine(job, progress);
    if (isRunning(job)) return { json, text: runningText(job, progress, new Date()) };
    const ended = job.output && progress ? { ...job, output: { ...job.output, ...countsOf(progress) } } : job;
    const result = resultText(ended, await firstFailures(job.output, clients.runs.getHead));
    const where = whereToLook(job, {
      dataDir,
      bucket: endpoints.bucket.name,
      runBucket: endpoints.runBucket.name,
    });
    return { json, text: `${result}\n\n${where}\n` };
  } finally {
    clients.close();
  }
}
