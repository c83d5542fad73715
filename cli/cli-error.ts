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
  const { sentence, hint } = describe(error);
  const lines = [`error: ${sentence}`, `hint:  ${hint}`];
  if (verbose) lines.push('', inspect(error));
  return `${lines.join('\n')}\n`;
}

/** Whether the other side could not be reached at all, however deep the cause lies. */
export function isUnreachable(error: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].some((code) => holds(error, code));
}

/** Whether an error, or one of its causes, has the system's code. */
function holds(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === code) return true;
  if (error instanceof AggregateError && error.errors.some((one) => holds(one, code))) return true;
  return holds(error.cause, code);
}

function describe(error: unknown): { sentence: string; hint: string } {
  if (isUnreachable(error) && !(error instanceof CliError)) {
    const restart = `\`${program} down\`, then \`${program} up\``;
    return { sentence: 'the stack does not answer', hint: `see whether it still runs, or start it again: ${restart}` };
  }
  const [first = ''] = messageOf(error).trim().split('\n');
  const sentence = printable(first) || 'an error without a message';
  if (error instanceof CliError && error.hint !== undefined) return { sentence, hint: error.hint };
  if (holds(error, 'EADDRINUSE'))
    return { sentence, hint: 'choose others with --port, or leave it out for any free ones' };
  // our own messages end with what to do, behind a semicolon
  const cut = error instanceof Error && ['Error', 'CliError'].includes(error.name) ? sentence.lastIndexOf('; ') : -1;
  if (cut > 0) return { sentence: sentence.slice(0, cut), hint: sentence.slice(cut + 2) };
  return { sentence, hint: 'run the command again with --verbose for the whole story' };
}
