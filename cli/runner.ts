/** Runs a command; what it returns is the program's exit code. */
export type Runner = (command: () => Promise<number>) => Promise<void>;
