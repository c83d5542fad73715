import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Environment } from './environments.ts';
import { ImportDataset } from './import-dataset.ts';
import { IngestFunction } from './ingest-function.ts';

export interface IngestStackProps extends StackProps {
  readonly environment: Environment;
}

const STEP_TIMEOUT = Duration.minutes(5);

/** Everything that one environment has in AWS. */
export class IngestStack extends Stack {
  constructor(scope: Construct, id: string, { environment, ...props }: IngestStackProps) {
    super(scope, id, props);

    const runBucket = new Bucket(this, 'RunBucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        {
          expiration: Duration.days(environment.runRetentionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: environment.retainRuns ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const credentials = new Secret(this, 'Credentials', {
      description: 'Hub token, bucket keys and database key of this environment, as one JSON object',
    });

    const variables = {
      SECRET_ARN: credentials.secretArn,
      RUN_BUCKET: runBucket.bucketName,
      HF_ENDPOINT: environment.hubEndpoint,
      HUB_DOWNLOADS: String(environment.hubDownloads),
      DEADLINE_MARGIN_SECONDS: String(environment.deadlineMarginSeconds),
    };
    const importTimeout = Duration.seconds(environment.importTimeoutSeconds);
    const step = (
      constructId: string,
      folder: string,
      more: Partial<ConstructorParameters<typeof IngestFunction>[2]> = {},
    ) => {
      const made = new IngestFunction(this, constructId, {
        environment,
        step: folder,
        timeout: STEP_TIMEOUT,
        variables,
        ...more,
      }).function;
      runBucket.grantReadWrite(made);
      return made;
    };
    const resolveDataset = step('ResolveDataset', 'resolve-dataset', { memoryMb: 1024 });
    const stateMachineName = `ImportDataset-${environment.name}`;
    resolveDataset.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution'], // whether the job that holds a dataset's lock has ended
        resources: [
          this.formatArn({
            service: 'states',
            resource: 'execution',
            resourceName: `${stateMachineName}:*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      }),
    );
    const planImport = step('PlanImport', 'plan-import', { memoryMb: 1024, timeout: importTimeout });
    const importRange = step('ImportRange', 'import-range', {
      memoryMb: environment.importMemoryMb,
      scratchMb: environment.importScratchMb,
      timeout: importTimeout,
      sharp: true,
      variables: {
        ...variables,
        UPLOADS: String(environment.uploads),
        MAX_IMAGE_BYTES: String(environment.maxImageBytes),
        MAX_IMAGE_PIXELS: String(environment.maxImagePixels),
      },
    });
    const recordRange = step('RecordRange', 'record-range');
    const summarizeImport = step('SummarizeImport', 'summarize-import', { memoryMb: 1024, timeout: importTimeout });
    for (const fn of [resolveDataset, planImport, importRange, recordRange]) credentials.grantRead(fn);

    const { stateMachine } = new ImportDataset(this, 'ImportDataset', {
      stateMachineName,
      resolveDataset,
      planImport,
      importRange,
      recordRange,
      summarizeImport,
      runBucket,
      maxConcurrency: environment.importConcurrency,
      importTimeout,
      stepTimeout: STEP_TIMEOUT,
    });

    new CfnOutput(this, 'ImportDatasetArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'RunBucketName', { value: runBucket.bucketName });
    new CfnOutput(this, 'CredentialsArn', { value: credentials.secretArn });
  }
}
