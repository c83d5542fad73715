import { callIntrinsic, isIntrinsic } from './intrinsics.ts';
import { isArray, isObject, type Json } from './json.ts';
import { selectField } from './json-path.ts';

/** `Parameters`, `ResultSelector`, `ItemSelector`: fields whose name ends in `.$` are paths or intrinsic functions. */
export function fillTemplate(template: Json, input: Json, context: Json): Json {
  if (isArray(template)) return template.map((one) => fillTemplate(one, input, context));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$') && typeof value === 'string'
        ? [key.slice(0, -2), resolve(value, key, input, context)]
        : [key, fillTemplate(value, input, context)],
    ),
  );
}

/** The value of a path or an intrinsic function call that stands in `field`. */
export function resolve(text: string, field: string, input: Json, context: Json): Json {
  return isIntrinsic(text) ? callIntrinsic(text, input, context) : selectField(text, field, input, context);
}
