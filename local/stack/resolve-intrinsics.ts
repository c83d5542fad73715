export type TemplateValue =
  | null
  | boolean
  | number
  | string
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

/**
 * Resolves the intrinsic functions of CloudFormation that our template uses: Ref, Fn::GetAtt and Fn::Join.
 * @param reference what a logical id gives for an attribute (`Ref` for the resource itself)
 * @throws Error for any other function, by name
 */
export function resolveIntrinsics(
  value: TemplateValue,
  reference: (logicalId: string, attribute: string) => string,
): TemplateValue {
  const resolve = (inner: TemplateValue): TemplateValue => resolveIntrinsics(inner, reference);
  if (Array.isArray(value)) return value.map(resolve);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined || argument === undefined) return mapValues(entries, resolve);
  if (name === 'Ref') return reference(String(argument), 'Ref');
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return reference(String(argument[0]), String(argument[1]));
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument;
    return (resolve(parts ?? []) as readonly TemplateValue[]).join(String(separator));
  }
  if (name.startsWith('Fn::')) throw new Error(`the template uses ${name}, which the embedded stack does not know`);
  return mapValues(entries, resolve);
}

function mapValues(
  entries: readonly [string, TemplateValue][],
  resolve: (value: TemplateValue) => TemplateValue,
): TemplateValue {
  return Object.fromEntries(entries.map(([key, value]) => [key, resolve(value)]));
}
