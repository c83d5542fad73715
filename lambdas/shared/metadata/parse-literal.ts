/** Levels of lists and dicts. */
const MAX_DEPTH = 32;
/** Longer texts are not looked into. */
const MAX_LENGTH = 1_000_000;

/**
 * The list or dict that a text writes out, in JSON or as Python prints it (`[{'label': 'sofa', 'box': (1, 2)}, None]`),
 * which is how columns that were saved as text look. `undefined` for any other text.
 */
export function parseLiteral(text: string): unknown {
  if (text.length > MAX_LENGTH || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new PythonLiteral(text).parse();
  }
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
  ['null', null],
  ['true', true],
  ['false', false],
  ['nan', Number.NaN],
  ['NaN', Number.NaN],
]);
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** What a text that is no literal ends in; not an `Error`, because nothing is wrong. */
const NO_LITERAL = Symbol('no literal');

class PythonLiteral {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    const value = this.#value(0);
    this.#skipBlanks();
    return value === NO_LITERAL || this.#at < this.#text.length ? undefined : value;
  }

  #value(depth: number): unknown {
    this.#skipBlanks();
    const first = this.#text[this.#at];
    if (first === '[' || first === '(') return this.#list(CLOSING[first] ?? '', depth + 1);
    if (first === '{') return this.#dict(depth + 1);
    if (first === "'" || first === '"') return this.#string(first);
    const word = this.#take(/[-+\w.]+/y);
    if (word === undefined) return NO_LITERAL;
    if (WORDS.has(word)) return WORDS.get(word);
    const number = Number(word);
    return Number.isNaN(number) ? NO_LITERAL : number;
  }

  #list(closing: string, depth: number): unknown {
    if (depth > MAX_DEPTH) return NO_LITERAL;
    const items: unknown[] = [];
    this.#at += 1;
    while (!this.#skips(closing)) {
      const item = this.#value(depth);
      if (item === NO_LITERAL) return NO_LITERAL;
      items.push(item);
      if (!this.#skips(',') && this.#text[this.#at] !== closing) return NO_LITERAL;
    }
    return items;
  }

  #dict(depth: number): unknown {
    if (depth > MAX_DEPTH) return NO_LITERAL;
    const dict: Record<string, unknown> = Object.create(null);
    this.#at += 1;
    while (!this.#skips('}')) {
      const key = this.#value(depth);
      if (typeof key !== 'string' || !this.#skips(':')) return NO_LITERAL;
      const value = this.#value(depth);
      if (value === NO_LITERAL) return NO_LITERAL;
      dict[key] = value;
      if (!this.#skips(',') && this.#text[this.#at] !== '}') return NO_LITERAL;
    }
    return dict;
  }

  #string(quote: string): unknown {
    let text = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? '';
      if (character === quote) {
        this.#at += 1;
        return text;
      }
      if (character === '\\') {
        this.#at += 1;
        const escaped = this.#text[this.#at] ?? '';
        text += ESCAPES[escaped] ?? escaped;
      } else text += character;
    }
    return NO_LITERAL;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skips(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}
