import { type Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleHandler } from './bundle-handler.ts';
import type { Environment } from './environments.ts';

export interface IngestFunctionProps {
  readonly environment: Environment;
  /** Folder below `lambdas/` whose `handler.ts` exports `handler`. */
  readonly step: string;
  readonly timeout: Duration;
  /** @default 512 */
  readonly memoryMb?: number;
  /** @default 512 */
  readonly scratchMb?: number;
  /** Variables of this step. They hold names and limits, never secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Bundles the native image library. @default false */
  readonly sharp?: boolean;
}

/** One step's Lambda. */
export class IngestFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: IngestFunctionProps) {
    super(scope, id);
    const { environment, step, timeout, memoryMb = 512, scratchMb = 512, variables, sharp = false } = props;
    const { architecture } = environment;
    this.function = new LambdaFunction(this, 'Function', {
      code: bundleHandler(step, { architecture, sharp }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      timeout,
      memorySize: memoryMb,
      ephemeralStorageSize: Size.mebibytes(scratchMb),
      logGroup: new LogGroup(this, 'Logs', {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      environment: { NODE_OPTIONS: '--enable-source-maps', POWERTOOLS_SERVICE_NAME: step, ...variables },
    });
  }
}
