import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { ConfigError, messageOf, TransientError } from './errors.ts';

/** What the environment's one secret holds. Never logged. */
export interface Settings {
  readonly supabaseUrl: string;
  readonly supabaseServiceKey: string;
  readonly r2Endpoint: string;
  /** For buckets of other makers than R2. */
  readonly r2Region?: string;
  readonly r2Bucket: string;
  readonly r2AccessKeyId: string;
  readonly r2SecretAccessKey: string;
  /** For private and gated datasets. */
  readonly hubToken?: string;
  readonly runpodKey?: string;
  readonly runpodEndpoint?: string;
  readonly runpodUrl?: string;
}

export interface SettingsReaderOptions {
  /** ARN or name */
  readonly secretArn: string;
  readonly client?: SecretsManagerClient;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

const CACHE_MS = 5 * 60_000;

const text = z.string('must be a text').trim().min(1, 'must not be empty');
const url = z.url({ protocol: /^https?$/, error: 'must be a URL of the form https://…' });
const optionalText = z.string('must be a text').trim().optional();

/** The secret's keys. */
const Secret = z.object(
  {
    SUPABASE_URL: url,
    SUPABASE_SERVICE_KEY: text,
    R2_ENDPOINT: url,
    R2_REGION: optionalText,
    R2_BUCKET: text,
    R2_ACCESS_KEY_ID: text,
    R2_SECRET_ACCESS_KEY: text,
    HF_TOKEN: optionalText,
    RUNPOD_API_KEY: optionalText,
    RUNPOD_ENDPOINT_ID: optionalText,
    RUNPOD_URL: z.union([z.literal(''), url], 'must be a URL of the form https://…').optional(),
  },
  'must be a JSON object',
);

/**
 * Reads the secret at most every five minutes; the same object comes back as long as the secret has not changed.
 * @throws {ConfigError} when the secret does not exist, may not be read, or a value is missing or malformed; names the
 * key and the secret, never the value. @throws {TransientError} when Secrets Manager is out of reach.
 */
export function createSettingsReader(options: SettingsReaderOptions): () => Promise<Settings> {
  const { secretArn, client = new SecretsManagerClient({ maxAttempts: 5 }), now = Date.now } = options;
  let cached: { text: string; settings: Settings; readAt: number } | undefined;
  return async () => {
    if (cached && now() - cached.readAt < CACHE_MS) return cached.settings;
    const secret = await readSecret(client, secretArn);
    const settings = cached?.text === secret ? cached.settings : parseSettings(secret, secretArn);
    cached = { text: secret, settings, readAt: now() };
    return settings;
  };
}

async function readSecret(client: SecretsManagerClient, secretArn: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString ?? '';
  } catch (error) {
    const message = `secret ${secretArn} cannot be read: ${messageOf(error)}`;
    throw isRefusal(error) ? new ConfigError(message, { cause: error }) : new TransientError(message, { cause: error });
  }
}

/** A 4xx other than a throttle: the secret is not there, or we may not read it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'CredentialsProviderError') return true;
  const status = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }).httpStatusCode : undefined;
  return status !== undefined && status >= 400 && status < 500 && status !== 429 && !/Throttl/.test(error.name);
}

function parseSettings(secret: string, secretArn: string): Settings {
  const parsed = Secret.safeParse(parseJson(secret));
  if (!parsed.success) {
    // The messages are ours; the value itself is in none of them.
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`);
    throw new ConfigError(`secret ${secretArn} is not as expected: ${problems.join('; ')}`);
  }
  const values = parsed.data;
  return {
    supabaseUrl: values.SUPABASE_URL,
    supabaseServiceKey: values.SUPABASE_SERVICE_KEY,
    r2Endpoint: values.R2_ENDPOINT,
    r2Region: values.R2_REGION || undefined,
    r2Bucket: values.R2_BUCKET,
    r2AccessKeyId: values.R2_ACCESS_KEY_ID,
    r2SecretAccessKey: values.R2_SECRET_ACCESS_KEY,
    hubToken: values.HF_TOKEN || undefined,
    runpodKey: values.RUNPOD_API_KEY || undefined,
    runpodEndpoint: values.RUNPOD_ENDPOINT_ID || undefined,
    runpodUrl: values.RUNPOD_URL || undefined,
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
