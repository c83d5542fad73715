import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it, onTestFinished } from 'vitest';
import { createSettingsReader } from '../../../lambdas/shared/settings.ts';
import { serveSecrets } from '../../../local/secrets/serve-secrets.ts';

const secret = {
  SUPABASE_URL: 'https://ref.supabase.co',
  SUPABASE_SERVICE_KEY: 'sb_secret_value',
  R2_ENDPOINT: 'http://127.0.0.1:9000',
  R2_BUCKET: 'images',
  R2_ACCESS_KEY_ID: 'key',
  R2_SECRET_ACCESS_KEY: 'hidden-value',
  HF_TOKEN: '',
};

async function start(value: string) {
  const secrets = new Map([['modomo', value]]);
  const standIn = await serveSecrets({ secrets });
  const credentials = { accessKeyId: 'k', secretAccessKey: 's' };
  const client = new SecretsManagerClient({ endpoint: standIn.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await standIn.close();
  });
  const clock = { now: 0 };
  const read = (secretArn = 'modomo') => createSettingsReader({ secretArn, client, now: () => clock.now });
  return { secrets, standIn, clock, read };
}

it('reads the secret once in five minutes and keeps the same settings while it is the same', async () => {
  const { secrets, clock, read } = await start(JSON.stringify(secret));
  const settings = read();
  const first = await settings();
  expect(first).toEqual({
    supabaseUrl: 'https://ref.supabase.co',
    supabaseServiceKey: 'sb_secret_value',
    r2Endpoint: 'http://127.0.0.1:9000',
    r2Bucket: 'images',
    r2AccessKeyId: 'key',
    r2SecretAccessKey: 'hidden-value',
  });
  clock.now = 300_000;
  expect(await settings()).toBe(first);
  secrets.set('modomo', JSON.stringify({ ...secret, HF_TOKEN: 'hf_x' }));
  clock.now = 599_999;
  expect(await settings()).toBe(first);
  clock.now = 600_000;
  expect(await settings()).toMatchObject({ hubToken: 'hf_x' });
});

it.each([
  [{ ...secret, R2_BUCKET: undefined }, 'R2_BUCKET'],
  [{ ...secret, R2_SECRET_ACCESS_KEY: ' ' }, 'R2_SECRET_ACCESS_KEY must not be empty'],
  [{ ...secret, SUPABASE_URL: 'hidden-value' }, 'SUPABASE_URL must be a URL'],
  [{ ...secret, HF_TOKEN: 5 }, 'HF_TOKEN'],
  ['hidden-value', 'it must be a JSON object'],
])('names the key and the secret, but no value: %#', async (value, problem) => {
  const { read } = await start(typeof value === 'string' ? value : JSON.stringify(value));
  const error = await read()().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('secret modomo') });
  expect(String(error)).toContain(problem);
  expect(String(error)).not.toMatch(/hidden|sb_secret/);
});

it('tells a secret that is not there from a service that is not there', async () => {
  const { standIn, read } = await start('{}');
  await expect(read('other')()).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining('other'),
  });
  await standIn.close();
  await expect(read()()).rejects.toMatchObject({ name: 'TransientError' });
});
