import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { ImportRangeFlow } from './import-range-flow.ts';
import { addImportRetries, OUR_ERRORS } from './retries.ts';

export interface ImportDatasetProps {
  /** Named, so that the functions may be told of the machine's executions without a circle. */
  readonly stateMachineName: string;
  readonly resolveDataset: IFunction;
  readonly planImport: IFunction;
  readonly importRange: IFunction;
  readonly recordRange: IFunction;
  readonly summarizeImport: IFunction;
  /** Holds the manifest, the results and the map run's record. */
  readonly runBucket: IBucket;
  /** Row ranges that are imported at once. */
  readonly maxConcurrency: number;
  /** Time-out of ImportRange's Lambda; its Task waits a little longer, so that the Lambda's own report arrives. */
  readonly importTimeout: Duration;
  /** Time-out of the other steps' Lambdas. */
  readonly stepTimeout: Duration;
}

/** A Task waits this much longer than its Lambda may take. */
const GRACE = Duration.seconds(60);

/** Imports one split of a dataset; the execution's state is the job's status. */
export class ImportDataset extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: ImportDatasetProps) {
    super(scope, id);
    const stepTimeout = sfn.Timeout.duration(props.stepTimeout.plus(GRACE));
    const importTimeout = sfn.Timeout.duration(props.importTimeout.plus(GRACE));

    const resolveDataset = new LambdaInvoke(this, 'ResolveDataset', {
      lambdaFunction: props.resolveDataset,
      payload: sfn.TaskInput.fromObject({
        job_id: sfn.JsonPath.executionName,
        execution_arn: sfn.JsonPath.executionId,
        input: sfn.JsonPath.executionInput,
      }),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: stepTimeout,
    });
    const planImport = new LambdaInvoke(this, 'PlanImport', {
      lambdaFunction: props.planImport,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: importTimeout,
    });
    const waitToPlan = new sfn.Wait(this, 'WaitToPlan', {
      time: sfn.WaitTime.secondsPath('$.wait_seconds'),
    }).next(planImport);
    const importRows = new sfn.DistributedMap(this, 'ImportRows', {
      itemReader: new sfn.S3JsonLItemReader({
        bucket: props.runBucket,
        key: sfn.JsonPath.stringAt('$.manifest_key'),
      }),
      itemSelector: {
        job_id: sfn.JsonPath.stringAt('$.job_id'),
        dataset_id: sfn.JsonPath.stringAt('$.dataset_id'),
        range: sfn.JsonPath.objectAt('$$.Map.Item.Value'),
      },
      resultWriterV2: new sfn.ResultWriterV2({ bucket: props.runBucket, prefix: 'map-runs' }),
      resultPath: sfn.JsonPath.DISCARD,
      maxConcurrency: props.maxConcurrency,
      toleratedFailurePercentage: 100, // failures are counted by the ledger, and decided there
    });
    importRows.itemProcessor(
      new ImportRangeFlow(this, {
        importRange: props.importRange,
        recordRange: props.recordRange,
        importTimeout,
        stepTimeout,
      }).start,
    );
    const summarizeImport = new LambdaInvoke(this, 'SummarizeImport', {
      lambdaFunction: props.summarizeImport,
      payload: sfn.TaskInput.fromObject({
        job_id: sfn.JsonPath.executionName,
        execution_arn: sfn.JsonPath.executionId,
        started_at: sfn.JsonPath.executionStartTime,
        input: sfn.JsonPath.executionInput,
        state: sfn.JsonPath.entirePayload,
      }),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: importTimeout,
    });
    // Without the run bucket nothing is known but what went wrong; the rows are told by the job's rerun.
    const noSummary = (id: string, message: string) =>
      new sfn.Pass(this, id, {
        parameters: {
          status: 'failed',
          job_id: sfn.JsonPath.executionName,
          error: {
            name: sfn.JsonPath.stringAt('$.Error'),
            message: sfn.JsonPath.format('the summary could not be made: {}', sfn.JsonPath.stringAt(message)),
          },
        },
      });
    const summaryFailed = new sfn.Pass(this, 'SummaryFailed', {
      parameters: {
        Error: sfn.JsonPath.stringAt('$.Error'),
        cause: sfn.JsonPath.stringToJson(sfn.JsonPath.stringAt('$.Cause')),
      },
    }).next(noSummary('NoSummary', '$.cause.errorMessage'));
    const summaryCrashed = noSummary('SummaryCrashed', '$.Cause');
    const failed = new sfn.Fail(this, 'ImportFailed', {
      errorPath: '$.error.name',
      causePath: sfn.JsonPath.jsonToString(sfn.JsonPath.objectAt('$')), // a failed execution has no output
    });
    const succeeded = new sfn.Succeed(this, 'ImportSucceeded');

    for (const task of [resolveDataset, planImport, summarizeImport]) addImportRetries(task);
    // the error replaces the state, whose shape may be anything that StartExecution takes
    for (const state of [resolveDataset, planImport, importRows]) state.addCatch(summarizeImport);
    summarizeImport.addCatch(summaryFailed.next(failed), { errors: [...OUR_ERRORS] }); // their causes are Lambda's JSON
    summarizeImport.addCatch(summaryCrashed.next(failed));

    resolveDataset.next(planImport);
    planImport.next(
      new sfn.Choice(this, 'IsPlanned')
        .when(sfn.Condition.numberGreaterThan('$.wait_seconds', 0), waitToPlan)
        .when(sfn.Condition.booleanEquals('$.planned', false), planImport)
        .when(sfn.Condition.numberEquals('$.ranges', 0), summarizeImport)
        .otherwise(importRows),
    );
    importRows.next(summarizeImport);
    summarizeImport.next(
      new sfn.Choice(this, 'HasSucceeded')
        .when(sfn.Condition.stringEquals('$.status', 'succeeded'), succeeded)
        .otherwise(failed),
    );

    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      definitionBody: sfn.DefinitionBody.fromChainable(sfn.Chain.start(resolveDataset)),
      stateMachineType: sfn.StateMachineType.STANDARD,
      comment: 'Imports one split of a Hugging Face image dataset into the bucket and the database.',
    });
  }
}
