/** What the four numbers of a box are. */
export type Convention = 'xywh' | 'xyxy' | 'cxcywh' | 'yxyx';

/** What a name says of its boxes; `null` where it says nothing. */
export interface BoxForm {
  readonly convention: Convention | null;
  readonly unit: 'pixel' | 'fraction' | null;
}

/** What can stand beside `bbox` in a name. `bbox` alone says nothing: published sets use it for both corners and sizes. */
const WORDS: Readonly<Record<string, Partial<BoxForm>>> = {
  xywhn: { unit: 'fraction' }, // a library's own, which means centres by it
  xyxyn: { convention: 'xyxy', unit: 'fraction' },
  cxcywhn: { convention: 'cxcywh', unit: 'fraction' },
  cxcywh: { convention: 'cxcywh' },
  xcycwh: { convention: 'cxcywh' },
  xywh: { convention: 'xywh' },
  xyxy: { convention: 'xyxy' },
  yxyx: { convention: 'yxyx' },
  ltwh: { convention: 'xywh' },
  tlwh: { convention: 'xywh' },
  ltrb: { convention: 'xyxy' },
  pascalvoc: { convention: 'xyxy' },
  voc: { convention: 'xyxy' },
  coco: { convention: 'xywh' },
  yolo: { convention: 'cxcywh', unit: 'fraction' },
  normalized: { unit: 'fraction' },
  normalised: { unit: 'fraction' },
  norm: { unit: 'fraction' },
  relative: { unit: 'fraction' },
  rel: { unit: 'fraction' },
  absolute: { unit: 'pixel' },
  abs: { unit: 'pixel' },
  pixels: { unit: 'pixel' },
  pixel: { unit: 'pixel' },
  px: { unit: 'pixel' },
  objects: {},
  object: {},
  gt: {},
  '2d': {},
};

const NOTHING: BoxForm = { convention: null, unit: null };

/** @param fold of a column: `bbox`, `bboxxywh`, `normalizedboxesxyxy`. `undefined` when it is no box's. */
export function boxFormOfName(fold: string): BoxForm | undefined {
  const box = /(?:bounding|b)?box(?:es)?/.exec(fold);
  if (!box) return undefined;
  const before = formOfWords(fold.slice(0, box.index));
  const after = formOfWords(fold.slice(box.index + box[0].length));
  if (!before || !after) return undefined;
  return { convention: after.convention ?? before.convention, unit: after.unit ?? before.unit };
}

/** @param fold words one after another: `xywh`, `normalizedxyxy`. `undefined` when one is unknown. */
export function formOfWords(fold: string): BoxForm | undefined {
  let form = NOTHING;
  let rest = fold;
  while (rest !== '') {
    const word = Object.keys(WORDS).find((known) => rest.startsWith(known));
    if (word === undefined) return undefined;
    form = { ...form, ...WORDS[word] };
    rest = rest.slice(word.length);
  }
  return form;
}

/** The four numbers of a box that has a name for each. */
const CORNERS: readonly { readonly convention: Convention; readonly names: readonly (readonly string[])[] }[] = [
  { convention: 'xyxy', names: [['xmin'], ['ymin'], ['xmax'], ['ymax']] },
  { convention: 'xyxy', names: [['x1'], ['y1'], ['x2'], ['y2']] },
  { convention: 'xyxy', names: [['x0'], ['y0'], ['x1'], ['y1']] },
  { convention: 'xyxy', names: [['left'], ['top'], ['right'], ['bottom']] },
  {
    convention: 'xywh',
    names: [
      ['x', 'left', 'xmin'],
      ['y', 'top', 'ymin'],
      ['width', 'w'],
      ['height', 'h'],
    ],
  },
  {
    convention: 'cxcywh',
    names: [
      ['cx', 'xcenter', 'centerx', 'xc'],
      ['cy', 'ycenter', 'centery', 'yc'],
      ['width', 'w'],
      ['height', 'h'],
    ],
  },
];

/** Which four of the folded names make a box, and how; `undefined` when none do. */
export function boxOfNames(
  names: ReadonlySet<string>,
): { readonly convention: Convention; readonly names: readonly string[] } | undefined {
  for (const { convention, names: wanted } of CORNERS) {
    const found = wanted.map((aliases) => aliases.find((alias) => names.has(alias)));
    if (found.every((name) => name !== undefined)) return { convention, names: found };
  }
  return undefined;
}

/** Left, top, width and height. */
export function toXywh(convention: Convention, [a, b, c, d]: BoxNumbers): BoxNumbers {
  switch (convention) {
    case 'xywh':
      return [a, b, c, d];
    case 'xyxy':
      return [a, b, c - a, d - b];
    case 'yxyx':
      return [b, a, d - b, c - a];
    case 'cxcywh':
      return [a - c / 2, b - d / 2, c, d];
  }
}

export type BoxNumbers = readonly [number, number, number, number];
