/** The right to have one request under way. */
export interface Slot {
  /** The holder waits for its consumer; from now on `reclaim` may be called once, which must end the request at once. */
  idle(reclaim: () => void): void;
  /** The consumer is back. `false` when the slot was reclaimed meanwhile. */
  busy(): boolean;
  /** Gives the slot back; further calls do nothing. */
  release(): void;
}

/** How long a download waits before an idle stream has to give way to it. */
const STARVING_MS = 2_000;

/**
 * Bounds the requests that are under way at once. A stream holds its slot while its consumer works, so a consumer that
 * needs a second download could wait for ever: when all slots are taken and one who waits is starving, the stream that
 * has been idle longest loses its connection, and opens a new one where it stopped.
 */
export class DownloadSlots {
  readonly #starvingMs: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  /** In the order in which they became idle. */
  readonly #idle = new Map<Slot, () => void>();

  constructor(count: number, starvingMs = STARVING_MS) {
    this.#free = count;
    this.#starvingMs = starvingMs;
  }

  async acquire(): Promise<Slot> {
    if (this.#free > 0) this.#free--;
    else await this.#wait();
    return this.#slot();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const starving = setInterval(() => this.#reclaim(), this.#starvingMs);
      this.#waiting.push(() => {
        clearInterval(starving);
        resolve();
      });
    });
  }

  #slot(): Slot {
    let held = true;
    const slot: Slot = {
      idle: (reclaim) => {
        if (held) this.#idle.set(slot, reclaim);
      },
      busy: () => {
        this.#idle.delete(slot);
        return held;
      },
      release: () => {
        this.#idle.delete(slot);
        if (held) this.#pass();
        held = false;
      },
    };
    return slot;
  }

  /** A slot that is free goes to who has waited longest. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  #reclaim(): void {
    const oldest = this.#idle.entries().next().value;
    if (!oldest) return;
    const [slot, reclaim] = oldest;
    reclaim();
    slot.release();
  }
}
