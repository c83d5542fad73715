import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { CliError, errorText } from './cli-error.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDownCommand } from './commands/down.ts';
import { addImportCommand } from './commands/import.ts';
import { addStatusCommand } from './commands/status.ts';
import { addUpCommand } from './commands/up.ts';
import { INTERRUPTED, Interrupted } from './interrupt.ts';
import { program as programName } from './program-name.ts';
import type { Runner } from './runner.ts';

const COMMANDS = [addDemoCommand, addUpCommand, addDownCommand, addImportCommand, addStatusCommand];

const EXAMPLES = `
Examples:
  $ modomo demo                     see it work, in ten seconds
  $ modomo up --detach              start the embedded stack
  $ modomo import https://huggingface.co/datasets/modomo/sample-rooms
  $ modomo status JOB
  $ modomo down

\`modomo <command> --help\` tells more about a command.`;

/** The program. @param argv as in `process.argv` @returns the exit code: 0, 1 for failures, 2 for wrong usage, 130 after Ctrl-C */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram(async (command) => {
    exitCode = await command();
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed what is wrong
    if (error instanceof Interrupted) return INTERRUPTED;
    process.stderr.write(errorText(error, program.opts<{ verbose?: boolean }>().verbose === true));
    return error instanceof CliError ? error.exitCode : 1;
  }
}

function createProgram(run: Runner): Command {
  const program = new Command('modomo')
    .description('Import any Hugging Face image dataset into your own bucket and Postgres.')
    .option('--verbose', 'show the stack trace of an error')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(hint(programName))
    .version(packageJson.version, '--version')
    .addHelpText('after', EXAMPLES);
  for (const addCommand of COMMANDS) addCommand(program, run);
  for (const command of program.commands) command.showHelpAfterError(hint(`${programName} ${command.name()}`));
  return program;
}

function hint(command: string): string {
  return `hint:  \`${command} --help\` shows how it is called`;
}
