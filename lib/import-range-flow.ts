import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { addImportRetries, NAMED_ERRORS } from './retries.ts';

export interface ImportRangeFlowProps {
  readonly importRange: IFunction;
  readonly recordRange: IFunction;
  readonly importTimeout: sfn.Timeout;
  readonly stepTimeout: sfn.Timeout;
}

/**
 * What one child execution of ImportRows does with its range. A range whose worker dies is taken apart into chunks, one
 * at a time, and the chunk whose worker dies again into single rows, so that one poison row costs one row. Each piece
 * is imported by the same loop as the range; one piece at a time keeps the job's downloads within their limit.
 */
export class ImportRangeFlow {
  readonly start: sfn.IChainable;
  readonly #scope: Construct;
  readonly #props: ImportRangeFlowProps;

  constructor(scope: Construct, props: ImportRangeFlowProps) {
    this.#scope = scope;
    this.#props = props;

    const recordRange = this.#record('RecordRange');
    const isolateRows = new sfn.Map(scope, 'IsolateRows', {
      itemsPath: '$.isolation.first_rows',
      itemSelector: pieceSelector('$.range.chunk_rows'),
      maxConcurrency: 1,
      resultPath: sfn.JsonPath.DISCARD,
    }).itemProcessor(this.#chunk());
    isolateRows.addCatch(recordRange, { errors: [sfn.Errors.ALL], resultPath: '$.error' });
    const cutRange = new sfn.Pass(scope, 'CutRange', {
      parameters: {
        'first_rows.$': 'States.ArrayRange($.range.first_row, $.range.last_row, $.range.chunk_rows)',
      },
      resultPath: '$.isolation',
    });
    cutRange.next(isolateRows).next(recordRange);

    this.start = this.#importLoop('Range', { onNamedError: recordRange, onCrash: cutRange });
  }

  #chunk(): sfn.IChainable {
    const isolateRow = new sfn.Map(this.#scope, 'IsolateRow', {
      itemsPath: '$.isolation.first_rows',
      itemSelector: pieceSelector(1),
      maxConcurrency: 1,
      resultPath: sfn.JsonPath.DISCARD,
    }).itemProcessor(this.#row());
    const cutChunk = new sfn.Pass(this.#scope, 'CutChunk', {
      parameters: {
        'first_rows.$':
          'States.ArrayRange($.piece.first_row, States.MathAdd(States.MathAdd($.piece.first_row, $.piece.rows), -1), 1)',
      },
      resultPath: '$.isolation',
    });
    cutChunk.next(isolateRow);
    return this.#importLoop('Chunk', { onNamedError: this.#record('RecordChunk'), onCrash: cutChunk });
  }

  #row(): sfn.IChainable {
    const recordRow = this.#record('RecordRow');
    return this.#importLoop('Row', { onNamedError: recordRow, onCrash: recordRow });
  }

  /** Import{piece} until the piece is done; when its server asks for a pause or its time runs out, it waits and goes on. */
  #importLoop(piece: string, on: { onNamedError: sfn.IChainable; onCrash: sfn.IChainable }): sfn.IChainable {
    const task = new LambdaInvoke(this.#scope, `Import${piece}`, {
      lambdaFunction: this.#props.importRange,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: this.#props.importTimeout,
      resultPath: '$.progress',
    });
    addImportRetries(task);
    task.addCatch(on.onNamedError, { errors: [...NAMED_ERRORS], resultPath: '$.error' });
    task.addCatch(on.onCrash, { errors: [sfn.Errors.ALL], resultPath: '$.error' });
    const wait = new sfn.Wait(this.#scope, `WaitFor${piece}`, {
      time: sfn.WaitTime.secondsPath('$.progress.wait_seconds'),
    });
    task.next(
      new sfn.Choice(this.#scope, `Is${piece}Done`)
        .when(sfn.Condition.booleanEquals('$.progress.done', true), new sfn.Succeed(this.#scope, `${piece}Done`))
        .otherwise(wait.next(task)),
    );
    return task;
  }

  #record(id: string): LambdaInvoke {
    const task = new LambdaInvoke(this.#scope, id, {
      lambdaFunction: this.#props.recordRange,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: this.#props.stepTimeout,
      resultPath: sfn.JsonPath.DISCARD,
    });
    addImportRetries(task);
    return task;
  }
}

/** Hands a piece of the range on: its first row and how many rows it has at most; the range's end cuts it. */
function pieceSelector(rows: string | number): Record<string, unknown> {
  return {
    'job_id.$': '$.job_id',
    'dataset_id.$': '$.dataset_id',
    'range.$': '$.range',
    piece: {
      'first_row.$': '$$.Map.Item.Value',
      ...(typeof rows === 'string' ? { 'rows.$': rows } : { rows }),
    },
  };
}
