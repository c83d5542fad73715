import { parentPort, workerData } from 'node:worker_threads';
import { synthesize } from './synthesize.ts';

parentPort?.postMessage(synthesize(workerData as string));
