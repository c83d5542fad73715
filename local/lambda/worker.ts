import { pathToFileURL } from 'node:url';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const [, , bundle = ''] = process.argv;
let loading: Promise<{ handler: Handler }> | undefined;

async function invoke({ requestId, payload, arn, memoryMb, deadline }: WorkerRequest): Promise<WorkerReply> {
  loading ??= import(pathToFileURL(bundle).href);
  try {
    const { handler } = await loading;
    const result = await handler(payload, {
      awsRequestId: requestId,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMb),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
    return { result };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { error: { errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') } };
  }
}

process.on('message', async (request: WorkerRequest) => {
  process.send?.(await invoke(request));
});
process.on('disconnect', () => process.exit(0)); // the host is gone
