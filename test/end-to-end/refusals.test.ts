import { randomUUID } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveSecrets } from '../../local/secrets/serve-secrets.ts';
import { SECRET_NAME } from '../../local/stack/synthesize.ts';
import { expectNoSecrets } from './expect-no-secrets.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

const DATASETS = 'https://huggingface.co/datasets';
const GOOD_URL = `${DATASETS}/parquet/today`;
const UNKNOWN_ID = '5b1c4c1e-6d4f-4b1c-9a60-1f7d3a1f0a11';

let stack: TestStack;
let datasetId: string;

beforeAll(async () => {
  stack = await startTestStack();
  datasetId = await stack.createDataset();
});
afterAll(() => stack.close());

it.each([
  ['https://huggingface.co/stabilityai/sdxl', 'is a model, not a dataset'],
  ['https://huggingface.co/spaces/team/app', 'is a space, not a dataset'],
  ['https://huggingface.co/collections/team/rooms-65f0', 'is a collection, not a dataset'],
  ['https://huggingface.co/team', 'is the page of a user or organisation'],
  ['https://huggingface.co/datasets', 'is the list of all datasets'],
  ['https://example.com/datasets/a/b', 'is not on huggingface.co'],
  ['not a url', 'is not a URL'],
  ['ftp://huggingface.co/datasets/a/b', 'has the scheme ftp://'],
  ['https://huggingface.co/datasets/-a/b', 'names the repo "-a", which no repo can be called'],
  ['https://huggingface.co/datasets/%zz/b', 'has a broken percent escape'],
])('refuses the URL %s: it %s', async (url, reason) => {
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: url });
  expect(output).toMatchObject({
    status: 'failed',
    total_rows: 0,
    error: {
      name: 'BadInputError',
      message: `"${url}" ${reason}; expected a dataset such as ${DATASETS}/namespace/name`,
    },
  });
});

const FIELDS =
  'dataset_id, hf_dataset_url, subset, split, revision, image_column, max_images, on_existing, process, batch_size';

it.each([
  [{ dataset_id: UNKNOWN_ID }, `dataset_id ${UNKNOWN_ID} is not in the table datasets; create its row first`],
  [{ dataset_id: 'five' }, 'the input of the import is wrong: dataset_id must be a UUID, not "five"'],
  [{ dataset_id: null }, 'the input of the import is wrong: dataset_id is missing'],
  [{ hf_dataset_url: '' }, 'the input of the import is wrong: hf_dataset_url must be a text that is not empty, not ""'],
  [{ max_images: 0 }, 'the input of the import is wrong: max_images must be a whole number of at least 1, not 0'],
  [{ batch_size: 11 }, 'the input of the import is wrong: batch_size must be a whole number from 1 to 10, not 11'],
  [
    { on_existing: 'replace', process: 'no' },
    'the input of the import is wrong: on_existing must be "skip" or "refresh", not "replace"; process must be true or false, not "no"',
  ],
  [{ max_image: 5 }, `the input of the import is wrong: there is no field "max_image"; the fields are ${FIELDS}`],
  [{ revision: 'v9' }, 'dataset "parquet/today" has no revision "v9"'],
  [{ revision: 'a b' }, '"a b" is not the name of a revision'],
  [{ subset: 'nope' }, 'there is no config "nope"; the dataset has "default"'],
  [{ split: 'tset' }, 'there is no split "tset" in config "default"; it has "train", "validation"'],
  [{ image_column: 'photo' }, 'image_column "photo" does not exist; the columns are "image", "text", "label"'],
])('refuses the input %j', async (input, message) => {
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: GOOD_URL, ...input });
  expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'BadInputError', message } });
});

it('refuses a dataset that does not exist, and says what else it may be', async () => {
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: `${DATASETS}/no/body` });
  expect(output).toMatchObject({ status: 'failed', error: { name: 'BadInputError' } });
  expect(output.error?.message).toMatch(/^dataset "no\/body" does not exist, or is private or gated: .* token/);
});

it.each(['[]', '"text"', 'null', '5'])('refuses the input %s, which is no object', async (input) => {
  const { executionArn = '' } = await stack.states.send(
    new StartExecutionCommand({
      stateMachineArn: stack.endpoints.stepFunctions.importDatasetArn,
      name: randomUUID(),
      input,
    }),
  );
  const message = `the input of the import is wrong: it must be a JSON object with dataset_id and hf_dataset_url, not ${input}`;
  expect(await stack.end(executionArn)).toMatchObject({
    status: 'failed',
    dataset_id: null,
    error: { name: 'BadInputError', message },
  });
});

it('takes null for what is not given', async () => {
  const input = { dataset_id: datasetId, hf_dataset_url: GOOD_URL, subset: null, max_images: 1, revision: null };
  expect(await stack.import(input)).toMatchObject({ status: 'succeeded', processed_scenes: 1 });
});

it('keeps keys out of logs and executions', () => expectNoSecrets(stack));

const WRONG = 'wrongKeyThatNobodyMayRead';

type Secret = Readonly<Record<string, string>>;

/** A stack whose own services are as they should be, and whose jobs read what `secrets` holds. */
async function startWithSecrets(secrets: Map<string, string>) {
  const server = await serveSecrets({ secrets });
  const other = await startTestStack({ variables: { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url } });
  return {
    ...other,
    right: {
      SUPABASE_URL: other.endpoints.supabase.url,
      SUPABASE_SERVICE_KEY: other.endpoints.supabase.key,
      R2_ENDPOINT: other.endpoints.bucket.endpoint,
      R2_BUCKET: other.endpoints.bucket.name,
      R2_ACCESS_KEY_ID: other.endpoints.bucket.accessKeyId,
      R2_SECRET_ACCESS_KEY: other.endpoints.bucket.secretAccessKey,
    } satisfies Secret,
    async refuses(message: RegExp) {
      const output = await other.import({ dataset_id: await other.createDataset(), hf_dataset_url: GOOD_URL });
      expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'ConfigError' } });
      expect(output.error?.message).toMatch(message);
      expect(output.error?.message).not.toContain(WRONG);
    },
    async close() {
      expectNoSecrets(other, [WRONG]);
      await other.close();
      await server.close();
    },
  };
}

it.each<[string, Secret, RegExp]>([
  ['database key', { SUPABASE_SERVICE_KEY: WRONG }, /^the database refused the service key/],
  ['bucket key', { R2_SECRET_ACCESS_KEY: WRONG }, /^bucket "modomo-images".*403 SignatureDoesNotMatch/],
  ['bucket name', { R2_BUCKET: 'nowhere' }, /^bucket "nowhere".*404 NoSuchBucket/],
])('names a wrong %s in the first step', async (_, wrong, message) => {
  const secrets = new Map<string, string>();
  const other = await startWithSecrets(secrets); // of its own, because a step keeps a secret that it could read
  secrets.set(SECRET_NAME, JSON.stringify({ ...other.right, ...wrong }));
  await other.refuses(message).finally(other.close);
});

it('names what is wrong with a secret that cannot be read', async () => {
  const secrets = new Map<string, string>();
  const other = await startWithSecrets(secrets);
  try {
    await other.refuses(/modomo-credentials.* cannot be read: /);
    secrets.set(SECRET_NAME, WRONG);
    await other.refuses(/modomo-credentials.* is not as expected: it must be a JSON object/);
    secrets.set(SECRET_NAME, JSON.stringify({ ...other.right, R2_BUCKET: undefined, SUPABASE_URL: WRONG }));
    await other.refuses(/ SUPABASE_URL must be a URL of the form https:\/\/…; R2_BUCKET must be a text$/);
  } finally {
    await other.close();
  }
});
