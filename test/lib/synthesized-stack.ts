import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { environmentOf } from '../../lib/environments.ts';
import { IngestStack } from '../../lib/ingest-stack.ts';

/** The template of an environment with the context of `cdk.json`, which is what deploys; handlers are not bundled. */
export function synthesizedStack(name: string): Template {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  return Template.fromStack(new IngestStack(app, `ModomoIngest-${name}`, { environment: environmentOf(name) }));
}

/** A state of a state machine, with the names of those that it lies in: `ImportRows/ImportRange`. */
export interface PlacedState {
  readonly path: string;
  readonly state: Record<string, unknown>;
}

interface States {
  readonly StartAt: string;
  readonly States: Record<string, Record<string, unknown>>;
}

/** The definition of the one state machine of a template; references are replaced by their logical ids. */
export function definitionOf(template: Template): States {
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  const parts: unknown[] = machine?.Properties.DefinitionString['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : reference(part))).join(''));
}

function reference(part: unknown): string {
  const [target] = Object.values(part as Record<string, unknown>);
  const id = Array.isArray(target) ? target[0] : target;
  if (id === 'AWS::Partition') return 'aws';
  return Array.isArray(target) ? `arn:aws:lambda:us-east-1:000000000000:function:${id}` : String(id);
}

/** Every state, those of maps included. */
export function allStates(definition: States, within = ''): PlacedState[] {
  return Object.entries(definition.States).flatMap(([name, state]) => {
    const path = within ? `${within}/${name}` : name;
    const inner = state.ItemProcessor as States | undefined;
    return [{ path, state }, ...(inner ? allStates(inner, path) : [])];
  });
}
