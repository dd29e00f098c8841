import { randomBytes, timingSafeEqual } from "node:crypto";
import { ALGORITHMS, type Algorithm } from "./algorithms.ts";
import { Gate } from "./gate.ts";
import { type Phc, readPhc, writePhc } from "./phc.ts";

const SALT = 16;
const HASH = 32;

/** Hashing runs on the threads that files and name look-ups need too: there are four, and two stay free. */
const ACTIVE = 2;
/** At some 40 ms each the last one in line waits for a second. */
const WAITING = 50;
/** Milliseconds. A sign-in may need two turns, and the cart is asked for after them. */
const PATIENCE = 2_500;

/** Hashes passwords, a few at a time. Refuses with `rate_limited` when too many wait. */
export class Hasher {
  readonly #algorithms: readonly [Algorithm, ...Algorithm[]];
  readonly #gate: Gate;
  readonly #decoy: string;
  #computed = 0;

  constructor({ algorithms = ALGORITHMS, active = ACTIVE, waiting = WAITING, patience = PATIENCE } = {}) {
    this.#algorithms = algorithms;
    this.#gate = new Gate({ active, waiting, patience });
    this.#decoy = writePhc(this.#blank());
  }

  /** How many hashes were computed: the work that passwords have made. */
  get computed(): number {
    return this.#computed;
  }

  /** What is stored in place of a password. */
  async hash(password: string): Promise<string> {
    const blank = this.#blank();
    return writePhc({ ...blank, hash: await this.#compute(password, blank) });
  }

  /** Whether it is the password. Where nothing is stored the work is the same and the answer is no. */
  async fits(password: string, stored: string | undefined): Promise<boolean> {
    const phc = readPhc(stored ?? this.#decoy);
    const isEqual = timingSafeEqual(await this.#compute(password, phc), phc.hash);
    return isEqual && stored !== undefined;
  }

  /** Whether a new hash of the same password would be made in another way. */
  isOutdated(stored: string): boolean {
    const [{ algorithm, version, parameters }] = this.#algorithms;
    const phc = readPhc(stored);
    const isLike = phc.algorithm === algorithm && phc.version === version && phc.hash.length === HASH;
    return !isLike || Object.entries(parameters).some(([name, value]) => phc.parameters[name] !== value);
  }

  #blank(): Phc {
    const [{ algorithm, version, parameters }] = this.#algorithms;
    const made = { salt: randomBytes(SALT), hash: randomBytes(HASH) };
    return { algorithm, ...(version !== undefined && { version }), parameters, ...made };
  }

  #compute(password: string, phc: Phc): Promise<Buffer> {
    const way = this.#algorithms.find(({ algorithm }) => algorithm === phc.algorithm);
    if (!way) throw new Error(`A stored password needs ${phc.algorithm}, which this Node does not have.`);
    return this.#gate.run(() => {
      this.#computed++;
      // Keyboards differ in how they compose the same letters.
      return way.compute(password.normalize("NFKC"), phc);
    });
  }
}
