import { join } from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Environment } from './environments.ts';
import { stageSharp } from './stage-sharp.ts';

const ROOT = join(import.meta.dirname, '..');

export interface IngestFunctionProps {
  readonly environment: Environment;
  /** Folder below `lambdas/` whose `handler.ts` exports `handler`. */
  readonly step: string;
  readonly timeout: Duration;
  /** @default 512 */
  readonly memoryMb?: number;
  /** Variables of this step. They hold names and limits, never secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Bundles the native image library. @default false */
  readonly sharp?: boolean;
}

/** One step's Lambda: a single ESM file with source map, made by esbuild on this machine. */
export class IngestFunction extends Construct {
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, props: IngestFunctionProps) {
    super(scope, id);
    const { environment, step, timeout, memoryMb = 512, variables, sharp = false } = props;
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(ROOT, 'lambdas', step, 'handler.ts'),
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: environment.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      timeout,
      memorySize: memoryMb,
      logGroup: new LogGroup(this, 'Logs', {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: step,
        ...variables,
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        minify: true,
        keepNames: true, // Step Functions matches errors by their literal names
        sourceMap: true,
        sourcesContent: false,
        externalModules: ['sharp'],
        // CommonJS dependencies call `require` for Node's own modules, which an ESM bundle does not have
        banner: "import{createRequire as $cr}from'node:module';const require=$cr(import.meta.url);",
        commandHooks: {
          beforeInstall: () => [],
          beforeBundling: () => [],
          afterBundling: (_input, output) =>
            sharp ? [`cp -R "${stageSharp(environment.architecture)}" "${output}/node_modules"`] : [],
        },
      },
    });
  }
}
