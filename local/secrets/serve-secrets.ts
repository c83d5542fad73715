import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type StandIn, serveStandIn } from '../stand-in/http-stand-in.ts';

export interface ServeSecretsOptions {
  /** Secret strings by name; PutSecretValue writes into it. */
  readonly secrets: Map<string, string>;
  /** @default any free port */
  readonly port?: number;
  /** @default us-east-1 */
  readonly region?: string;
}

const Call = z.object({ SecretId: z.string().optional(), SecretString: z.string().optional() });
const ACCOUNT = '000000000000';

/** The ARN under which `serveSecrets` knows a secret; real ones end in six characters of their own. */
export function secretArn(name: string, region = 'us-east-1'): string {
  return `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-${digest(name).slice(0, 6)}`;
}

/** Serves the part of Secrets Manager (AWS JSON 1.1) that reads secrets by name or ARN and replaces their value. */
export async function serveSecrets({ secrets, port, region }: ServeSecretsOptions): Promise<StandIn> {
  const describe = (name: string) => ({ ARN: secretArn(name, region), Name: name });
  const nameOf = (id: string) => [...secrets.keys()].find((name) => id === name || id === secretArn(name, region));

  function act(action: string, { SecretId, SecretString }: z.infer<typeof Call>): [status: number, body: object] {
    if (action === 'ListSecrets') return [200, { SecretList: [...secrets.keys()].map(describe) }];
    const name = nameOf(SecretId ?? '');
    const value = name === undefined ? undefined : secrets.get(name);
    if (name === undefined || value === undefined) {
      return failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    const version = (of: string) => ({ VersionId: digest(of), VersionStages: ['AWSCURRENT'] });
    switch (action) {
      case 'GetSecretValue':
        return [200, { ...describe(name), ...version(value), SecretString: value }];
      case 'DescribeSecret':
        return [200, { ...describe(name), VersionIdsToStages: { [digest(value)]: ['AWSCURRENT'] } }];
      case 'PutSecretValue':
        if (SecretString === undefined) return failure('InvalidParameterException', 'SecretString is required.');
        secrets.set(name, SecretString);
        return [200, { ...describe(name), ...version(SecretString) }];
      default:
        return failure('UnknownOperationException', `${action} is not implemented by this endpoint`);
    }
  }

  async function listener(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [service, action = ''] = String(req.headers['x-amz-target']).split('.');
    const call = Call.safeParse(parseJson(await text(req)));
    const [status, body] =
      service === 'secretsmanager' && call.success
        ? act(action, call.data)
        : failure('SerializationException', 'Expected an AWS JSON 1.1 call of Secrets Manager.');
    res.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }

  return serveStandIn(listener, { name: 'secrets', port });
}

function failure(type: string, message: string): [status: number, body: object] {
  return [400, { __type: type, Message: message, message }];
}

/** Stable, at least 32 characters, as a VersionId must be. */
function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
