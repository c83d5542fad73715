import { App } from 'aws-cdk-lib';
import { environmentOf } from '../lib/environments.ts';
import { IngestStack } from '../lib/ingest-stack.ts';

const app = new App();
const environment = environmentOf(app.node.tryGetContext('env') ?? 'dev');
new IngestStack(app, `ModomoIngest-${environment.name}`, { environment });
