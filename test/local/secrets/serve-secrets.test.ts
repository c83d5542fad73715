import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, it, onTestFinished } from 'vitest';
import { secretArn, serveSecrets } from '../../../local/secrets/serve-secrets.ts';

it('gives a secret by name or ARN, takes a new value and does not know others', async () => {
  const standIn = await serveSecrets({ secrets: new Map([['modomo/local', '{"A":"1"}']]) });
  onTestFinished(() => standIn.close());
  const credentials = { accessKeyId: 'k', secretAccessKey: 's' };
  const client = new SecretsManagerClient({ endpoint: standIn.url, region: 'us-east-1', credentials });
  onTestFinished(() => client.destroy());
  const ARN = secretArn('modomo/local');
  const get = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));

  expect(await get(ARN)).toMatchObject({ ARN, Name: 'modomo/local', SecretString: '{"A":"1"}' });
  await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: 'new' }));
  expect((await get('modomo/local')).SecretString).toBe('new');
  expect(await client.send(new DescribeSecretCommand({ SecretId: ARN }))).toMatchObject({ ARN, Name: 'modomo/local' });
  expect((await client.send(new ListSecretsCommand())).SecretList).toEqual([{ ARN, Name: 'modomo/local' }]);
  await expect(get('other')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
