import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { environmentOf } from '../../lib/environments.ts';
import { IngestStack } from '../../lib/ingest-stack.ts';
import type { HostedFunction } from '../lambda/lambda-host.ts';
import { secretArn } from '../secrets/serve-secrets.ts';
import { resolveIntrinsics, type TemplateValue } from './resolve-intrinsics.ts';

/** What the embedded stack runs: the template that would be deployed, with its references resolved. */
export interface Synthesized {
  readonly functions: readonly HostedFunction[];
  readonly stateMachines: readonly { readonly name: string; readonly definition: string }[];
  readonly bucketName: string;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, TemplateValue>>;
  readonly Metadata?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '../..');
export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const SECRET_NAME = 'modomo-credentials';
const RUN_BUCKET = 'modomo-runs';

/** Synthesizes the app for the embedded environment into `outdir`: esbuild bundles the handlers, as for a deployment. */
export function synthesize(outdir: string): Synthesized {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({
    outdir,
    context: { ...context, 'aws:cdk:enable-asset-metadata': true },
    analyticsReporting: false,
  });
  const environment = environmentOf('embedded');
  const stack = new IngestStack(app, `ModomoIngest-${environment.name}`, { environment });
  const template = app.synth().getStackArtifact(stack.artifactId).template as { Resources: Record<string, Resource> };
  return readTemplate(template.Resources, outdir);
}

function readTemplate(resources: Readonly<Record<string, Resource>>, outdir: string): Synthesized {
  const resolve = (value: TemplateValue | undefined): TemplateValue =>
    resolveIntrinsics(value ?? null, (id, attribute) => referenceTo(id, attribute, resources));
  const ofType = (type: string): [string, Resource][] =>
    Object.entries(resources).filter(([, resource]) => resource.Type === type);
  const [bucketId = ''] = ofType('AWS::S3::Bucket')[0] ?? [];

  return {
    bucketName: referenceTo(bucketId, 'Ref', resources),
    functions: ofType('AWS::Lambda::Function').map(([id, { Properties, Metadata }]) => {
      const { Variables } = resolve(Properties.Environment) as { Variables: Record<string, string> };
      return {
        arn: referenceTo(id, 'Arn', resources),
        name: Variables.POWERTOOLS_SERVICE_NAME ?? id,
        bundle: join(outdir, Metadata?.['aws:asset:path'] ?? '', 'index.mjs'),
        memoryMb: Number(Properties.MemorySize),
        timeoutSeconds: Number(Properties.Timeout),
        variables: Variables,
      };
    }),
    stateMachines: ofType('AWS::StepFunctions::StateMachine').map(([, { Properties }]) => ({
      name: String(Properties.StateMachineName),
      definition: String(resolve(Properties.DefinitionString)),
    })),
  };
}

/** What a reference to a resource gives on the embedded stack. */
function referenceTo(id: string, attribute: string, resources: Readonly<Record<string, Resource>>): string {
  if (id === 'AWS::Partition') return 'aws';
  if (id === 'AWS::Region') return REGION;
  if (id === 'AWS::AccountId') return ACCOUNT;
  const type = resources[id]?.Type;
  if (type === 'AWS::Lambda::Function') {
    return attribute === 'Arn' ? `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}` : id;
  }
  if (type === 'AWS::S3::Bucket') return attribute === 'Arn' ? `arn:aws:s3:::${RUN_BUCKET}` : RUN_BUCKET;
  if (type === 'AWS::SecretsManager::Secret') return secretArn(SECRET_NAME, REGION);
  if (type === 'AWS::IAM::Role') return `arn:aws:iam::${ACCOUNT}:role/${id}`;
  return id;
}
