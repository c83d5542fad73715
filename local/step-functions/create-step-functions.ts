import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { type StandIn, sendJson, serveStandIn } from '../stand-in/http-stand-in.ts';
import { type Clock, systemClock } from '../states/clock.ts';
import { isObject } from '../states/json.ts';
import type { LambdaInvoker } from '../states/lambda-invoker.ts';
import { actionOf } from './actions.ts';
import { ApiError } from './api-error.ts';
import { EngineRoom, type MachineRegistration, type StatusChange } from './engine-room.ts';
import { s3ObjectDoor } from './s3-object-door.ts';

export interface S3Access {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface StepFunctionsOptions {
  readonly lambdas: LambdaInvoker;
  /** For item readers and result writers. */
  readonly s3: S3Access;
  /** Where executions are kept; made when it is not there. One stack at a time. */
  readonly dataDir: string;
  /** @default any free port */
  readonly port?: number;
  /** @default us-east-1 */
  readonly region?: string;
  /** Twelve digits. @default 000000000000 */
  readonly account?: string;
  /** What a second of a Wait or of a retry's pause takes in seconds. @default 1 */
  readonly timeScale?: number;
  /** @default the system's time, scaled */
  readonly clock?: Clock;
  /** Told when an execution starts and ends, nested ones included, children of map runs not. Must not throw. */
  readonly onStatusChange?: (change: StatusChange) => void;
}

export interface StepFunctions {
  readonly url: string;
  readonly port: number;
  /** Makes a state machine, or replaces the definition of the one of that name. @returns its ARN. @throws {ApiError} */
  registerStateMachine(registration: MachineRegistration): string;
  /** The ARN that a machine of this name has. */
  stateMachineArn(name: string): string;
  /** Stops what runs; the next start on the same data folder aborts it. */
  close(): Promise<void>;
}

const TARGET = 'AWSStepFunctions.';

/**
 * Serves the Step Functions API (AWS JSON 1.0) on the loopback address, with the engine behind it. Executions that an
 * earlier process left running are aborted.
 * @throws Error in one sentence when the port is taken or the data folder is corrupt.
 */
export async function createStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const { lambdas: lambda, s3, dataDir, region = 'us-east-1', account = '000000000000' } = options;
  const { clock = systemClock(options.timeScale), onStatusChange = () => {} } = options;
  const { endpoint, ...credentials } = s3;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const objects = s3ObjectDoor(client);
  const room = new EngineRoom({ lambda, objects, dataDir, region, account, clock, onStatusChange });
  const server: StandIn = await serveStandIn((req, res) => answer(room, req, res), {
    name: 'Step Functions',
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  room.abortLeftovers();
  return {
    url: server.url,
    port: server.port,
    registerStateMachine: (registration) => room.register(registration).arn,
    stateMachineArn: (name) => `arn:aws:states:${region}:${account}:stateMachine:${name}`,
    async close() {
      await room.close();
      await server.close();
      client.destroy();
    },
  };
}

async function answer(room: EngineRoom, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() };
  try {
    const target = String(req.headers['x-amz-target'] ?? '');
    const action = actionOf(target.startsWith(TARGET) ? target.slice(TARGET.length) : target);
    const body = await readJson(req).catch(() => undefined);
    if (!isObject(body)) throw new ApiError('SerializationException', 'The body is not a JSON object.');
    sendJson(res, 200, await action(room, body), headers);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sendJson(res, 400, { __type: error.type, message: error.message }, headers);
  }
}
