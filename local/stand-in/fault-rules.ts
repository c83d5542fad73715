import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const FaultRule = z.strictObject({
  match: z.strictObject({
    method: z.string().optional(),
    /** A regular expression that is searched for in the path with its query, percent-encoded as it came. */
    path: z
      .string()
      .refine(isRegExp, { error: (issue) => `"${issue.input}" is not a regular expression` })
      .optional(),
  }),
  /** How many requests it applies to. @default every one until the rules are cleared */
  times: z.int().positive().optional(),
  /** Answered at once, in place of the real answer. */
  status: z.int().min(200).max(599).optional(),
  /** Headers of the answer that `status` gives. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Milliseconds before the request is looked at. */
  delayMs: z.int().nonnegative().optional(),
  /** The request is carried out, and the connection cut after this many bytes of the answer's body. */
  cutAfterBytes: z.int().nonnegative().optional(),
  /** One byte is flipped: of the body that was sent with PUT, POST or PATCH, else of the answer's. */
  corrupt: z.boolean().optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;

function isRegExp(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** What a stand-in was told to do wrong; the first rule that matches a request is applied to it and used up once. */
export class FaultRules {
  #rules: FaultRule[] = [];

  list(): readonly FaultRule[] {
    return this.#rules;
  }

  /** Adds rules behind those that are there. Returns what is wrong with them, or `undefined`. */
  add(json: unknown): string | undefined {
    const parsed = z.array(FaultRule).safeParse(json);
    if (!parsed.success) return z.prettifyError(parsed.error);
    this.#rules.push(...parsed.data);
    return undefined;
  }

  clear(): void {
    this.#rules = [];
  }

  /** Applies the rule that matches. `true` when the request has been answered and must not be carried out. */
  async apply(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const rule = this.#take(req);
    if (!rule) return false;
    if (rule.corrupt) corrupt(req, res);
    if (rule.cutAfterBytes !== undefined) cutAfter(res, rule.cutAfterBytes);
    if (rule.delayMs) {
      req.pause(); // a body that arrives meanwhile waits for its reader
      await sleep(rule.delayMs, undefined, { ref: false });
    }
    if (rule.status === undefined) return false;
    req.resume();
    res.writeHead(rule.status, { 'content-type': 'application/json', ...rule.headers });
    res.end(JSON.stringify({ message: `fault: ${rule.status}`, error: `fault: ${rule.status}` }));
    return true;
  }

  #take(req: IncomingMessage): FaultRule | undefined {
    const index = this.#rules.findIndex(
      ({ match }) =>
        (match.method === undefined || match.method.toUpperCase() === req.method) &&
        (match.path === undefined || new RegExp(match.path).test(req.url ?? '')),
    );
    const rule = this.#rules[index];
    if (rule?.times === undefined) return rule;
    if (rule.times > 1) this.#rules[index] = { ...rule, times: rule.times - 1 };
    else this.#rules.splice(index, 1);
    return rule;
  }
}

function corrupt(req: IncomingMessage, res: ServerResponse): void {
  let done = false;
  const flip = (chunk: unknown): unknown => {
    if (done || chunk === null || chunk === undefined || typeof chunk === 'function') return chunk;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);
    if (bytes.length === 0) return chunk;
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 0x01;
    done = true;
    return bytes;
  };
  if (req.method === 'PUT' || req.method === 'POST' || req.method === 'PATCH') {
    const push = req.push.bind(req);
    req.push = (chunk, encoding) => push(flip(chunk), encoding);
  } else {
    patchBody(res, (chunk) => flip(chunk));
  }
}

function cutAfter(res: ServerResponse, limit: number): void {
  const { write, end } = res;
  let left = limit;
  const cut = (bytes: Uint8Array): boolean => {
    const kept = bytes.subarray(0, left);
    left -= kept.length;
    if (kept.length > 0) Reflect.apply(write, res, [kept]);
    setImmediate(() => res.socket?.destroy());
    return false;
  };
  res.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
    const bytes = Buffer.from(chunk as string);
    if (bytes.length >= left) return cut(bytes);
    left -= bytes.length;
    return Reflect.apply(write, res, [bytes, ...rest]);
  }) as typeof write;
  res.end = ((chunk?: unknown, ...rest: unknown[]) => {
    const bytes = typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.from(chunk as string) : undefined;
    if ((bytes?.length ?? 0) < left) return Reflect.apply(end, res, [chunk, ...rest]); // the whole answer is shorter
    if (!res.headersSent && !res.hasHeader('content-length')) res.setHeader('content-length', bytes?.length ?? 0);
    cut(bytes ?? Buffer.alloc(0));
    return res;
  }) as typeof end;
}

/** Passes what is written to the answer's body through `change`. */
function patchBody(res: ServerResponse, change: (chunk: unknown) => unknown): void {
  const { write, end } = res;
  res.write = ((chunk: unknown, ...rest: unknown[]) =>
    Reflect.apply(write, res, [change(chunk), ...rest])) as typeof write;
  res.end = ((chunk: unknown, ...rest: unknown[]) => Reflect.apply(end, res, [change(chunk), ...rest])) as typeof end;
}
