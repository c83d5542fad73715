/** How the person calls this program, for hints that can be typed as they are: npm sets the variable for its scripts and npx. */
export const program = process.env.npm_command === undefined ? 'modomo' : 'npx modomo';

export const DEFAULT_DATA_DIR = '.modomo';

/** A command line of this program; the data folder is named when it is not the default. */
export function commandLine(command: string, dataDir: string = DEFAULT_DATA_DIR): string {
  return `${program} ${command}${dataDir === DEFAULT_DATA_DIR ? '' : ` --data-dir ${shellWord(dataDir)}`}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
