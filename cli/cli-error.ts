import { inspect } from 'node:util';
import { messageOf } from '../lambdas/shared/errors.ts';
import { printable } from './format.ts';
import { program } from './program-name.ts';

/** Something that a person can put right: one sentence, and a hint how. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly hint: string | undefined;
  /** 1 when the command failed, 2 when it was called wrongly. */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: ErrorOptions & { hint?: string; exitCode?: 1 | 2 } = {}) {
    super(message, options);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What goes to stderr for anything that was thrown. @param verbose adds the stack trace and the causes */
export function errorText(error: unknown, verbose: boolean): string {
  const hint = error instanceof CliError ? error.hint : hintFor(error);
  const lines = [`error: ${sentenceOf(error)}`];
  if (hint !== undefined) lines.push(`hint:  ${hint}`);
  if (verbose) lines.push('', inspect(error));
  return `${lines.join('\n')}\n`;
}

/** Whether the other side could not be reached at all, however deep the cause lies. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') return true;
  if (error instanceof AggregateError && error.errors.some(isUnreachable)) return true;
  return isUnreachable(error.cause);
}

function sentenceOf(error: unknown): string {
  if (isUnreachable(error) && !(error instanceof CliError)) return 'the stack does not answer';
  const [first = ''] = messageOf(error).trim().split('\n');
  return printable(first) || 'an error without a message';
}

function hintFor(error: unknown): string | undefined {
  if (isUnreachable(error))
    return `see whether it runs, or start it again: \`${program} down\`, then \`${program} up\``;
  return 'run the command again with --verbose for the whole story';
}
