import type { Feature } from '../hub/features.ts';
import { isDict, isList, toLabel, toLabels, toNumber, unpack, valueFeature } from './row-values.ts';

/** Codes of a column with the confidence that it gives, and the labels that have no code. */
export interface ReadShares<Code extends string> {
  readonly shares: readonly { readonly code: Code; readonly conf: number }[];
  readonly unknown: readonly string[];
}

/**
 * Reads labels of a column: one, a list, a text with commas, `{label: confidence}`, or a list of
 * `{label, confidence}`. A code that comes twice keeps the higher confidence.
 * @param conf of labels without one; 1 for ground truth
 */
export function readShares<Code extends string>(
  value: unknown,
  feature: Feature | undefined,
  toCode: (label: string) => Code | undefined,
  conf: number,
): ReadShares<Code> {
  const shares = new Map<Code, number>();
  const unknown: string[] = [];
  for (const [label, given] of labelled(unpack(value), feature)) {
    const code = toCode(label);
    const share = given === undefined ? conf : given >= 0 && given <= 1 ? given : 0;
    if (code === undefined) unknown.push(label);
    else shares.set(code, Math.max(share, shares.get(code) ?? 0));
  }
  return { shares: Array.from(shares, ([code, share]) => ({ code, conf: share })), unknown };
}

function labelled(value: unknown, feature: Feature | undefined): (readonly [string, number | undefined])[] {
  if (isDict(value)) {
    const one = labelAndConfidence(value);
    return one ? [one] : Object.entries(value).flatMap(([label, given]) => asPair(label, toNumber(given)));
  }
  if (isList(value) && value.some(isDict)) {
    return Array.from(value, (item) => (isDict(item) ? labelAndConfidence(item) : undefined)).flatMap((pair) =>
      pair ? [pair] : [],
    );
  }
  const whole = toLabel(value, valueFeature(feature));
  return (whole?.includes(',') === false ? [whole] : toLabels(value, feature)).map(
    (label) => [label, undefined] as const,
  );
}

function asPair(label: string, given: number | undefined): (readonly [string, number])[] {
  return given === undefined ? [] : [[label, given]];
}

const LABELS = ['label', 'name', 'style', 'style_code', 'material', 'material_code', 'code', 'class'] as const;
const CONFIDENCES = ['confidence', 'conf', 'score', 'probability', 'prob', 'p'] as const;

function labelAndConfidence(
  dict: Readonly<Record<string, unknown>>,
): readonly [string, number | undefined] | undefined {
  const label = LABELS.map((name) => toLabel(dict[name], undefined)).find((text) => text !== undefined);
  const given = CONFIDENCES.find((name) => dict[name] !== undefined && dict[name] !== null);
  return label === undefined ? undefined : [label, given === undefined ? undefined : (toNumber(dict[given]) ?? -1)];
}
