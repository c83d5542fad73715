import fc from 'fast-check';
import { expect, it } from 'vitest';
import { callIntrinsic } from '../../../local/states/intrinsics.ts';
import type { Json } from '../../../local/states/json.ts';
import { place, select } from '../../../local/states/json-path.ts';

const call = (text: string, input: Json = {}) => callIntrinsic(text, input, { Execution: { Name: 'job-1' } });

it.each<[string, Json, Json]>([
  ["States.Format('{}/runs/{}', $.a, $$.Execution.Name)", { a: 'x' }, 'x/runs/job-1'],
  ["States.Format('it\\'s \\{{}\\} {}', $.a, States.Array(1, null))", { a: true }, "it's {true} [1,null]"],
  ["States.Format('a, (b) {}', 'c, [d)')", {}, 'a, (b) c, [d)'],
  ["States.ArrayGetItem($.a['b c'][0:2], 1)", { a: { 'b c': [1, 2, 3] } }, 2],
  ['States.JsonMerge($.a, $.b, false)', { a: { x: { y: 1 }, z: 1 }, b: { x: 2 } }, { x: 2, z: 1 }],
  ['States.ArrayUnique($.a)', { a: [{ x: [1] }, { x: [1] }, 1, '1'] }, [{ x: [1] }, 1, '1']],
  ['States.ArrayRange(5, 1, -2)', {}, [5, 3, 1]],
  ["States.Hash('x', 'SHA-1')", {}, '11f6ad8ec52a2984abaafd7c3b516503785c2072'],
  ["States.Base64Decode(States.Base64Encode('é'))", {}, 'é'],
])('%s', (text, input, expected) => {
  expect(call(text, input)).toEqual(expected);
});

it.each([
  ['States.ArrayRange(0, 1000, 1)', 'more than 1000'],
  ['States.ArrayPartition($.a, 0)', 'Invalid arguments in States.ArrayPartition'],
  ["States.Format('{} {}', 1)", 'fewer arguments'],
  ["States.StringToJson('{')", "The function 'States.StringToJson('{')' had the following error"],
  ['States.Array($.none)', "argument for the field '$.none' could not be found in the input"],
  ["States.Array('open", 'is not a valid intrinsic function'],
  ['States.Array(1) 2', 'is not a valid intrinsic function'],
])('refuses %s', (text, message) => {
  expect(() => call(text, { a: [1] })).toThrow(message);
});

const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>;

it('gives back any value through text, and any array through partitions', () => {
  fc.assert(
    fc.property(json, (v) => {
      expect(call('States.StringToJson(States.JsonToString($.v))', { v })).toEqual(JSON.parse(JSON.stringify(v)));
    }),
  );
  fc.assert(
    fc.property(fc.array(json), fc.integer({ min: 1, max: 9 }), (v, n) => {
      const parts = call('States.ArrayPartition($.v, $.n)', { v, n }) as Json[][];
      expect(parts.flat(1)).toEqual(v);
      expect(parts.slice(0, -1).every((part) => part.length === n)).toBe(true);
    }),
  );
});

it('selects what it placed, and changes nothing else, under any key', () => {
  const object = fc.dictionary(fc.string(), json);
  const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'a-b', "it's", '[0]', '$'));
  fc.assert(
    fc.property(object, key, key, json, (base, first, second, value) => {
      const input: Json = { ...base, [first]: {} };
      const frozen = JSON.stringify(input);
      const quote = (one: string) => `['${one.replace(/[\\']/g, '\\$&')}']`;
      const path = `$${quote(first)}${quote(second)}`;
      const output = place(path, input, value);
      expect(output).toEqual({ ...input, [first]: { [second]: value } });
      expect(select(path, output ?? null, {})).toEqual({ value });
      expect(JSON.stringify(input)).toBe(frozen);
    }),
  );
});

it.each<[string, Json]>([
  ['$.rows[*].id', [1, 2]],
  ['$.rows[?(@.id > 1)].name', ['b']],
  ['$..id', [1, 2]],
  ['$.rows[-1].name', 'b'],
  ['$.none[*].id', []],
  ["$['rows'][0]['name']", 'a'],
])('selects %s', (path, value) => {
  const rows = [
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
  ];
  expect(select(path, { rows }, {})).toEqual({ value });
});
