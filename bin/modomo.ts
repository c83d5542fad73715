#!/usr/bin/env node
import { main } from '../cli/main.ts';

// who reads our output may stop reading, as `head` does
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await main(process.argv);
// what has been printed goes out first; a start that was broken off leaves threads that nobody waits for
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit();
