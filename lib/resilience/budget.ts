/** Ten shares of 0.1 are not quite one. */
const EPSILON = 1e-6;

interface Share {
  /** What each call adds: 0.2 allows one retry for five calls. */
  readonly share: number;
  /** The most that can be saved up. */
  readonly burst: number;
}

/** How many calls a node may send again: a share of those that it sends anyway, so that retries never double a load. */
export class RetryBudget {
  readonly #share: number;
  readonly #burst: number;
  #saved: number;

  constructor({ share, burst }: Share) {
    this.#share = share;
    this.#burst = burst;
    this.#saved = burst;
  }

  /** Retries that may be made now. */
  get saved(): number {
    return Math.floor(this.#saved + EPSILON);
  }

  /** A call has been made. */
  earn(): void {
    this.#saved = Math.min(this.#burst, this.#saved + this.#share);
  }

  /** Takes one retry out; false when there is none left. */
  spend(): boolean {
    if (this.saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
