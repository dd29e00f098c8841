import { TestEnvironment } from "jest-environment-node";
import postgres from "postgres";
import { startsShops } from "./shops.ts";

type Arguments = ConstructorParameters<typeof TestEnvironment>;

/** Of PostgreSQL's advisory locks: whoever has it may start shops. Those who wait get it in their order. */
const LOCK = 1;

/**
 * Node's, with turns for files that start whole shops. One that begins with the docblock `@alone` says something of time, which would
 * be about its neighbour if that one were a dozen processes, too: it waits until no other of them runs, and they wait for it. A turn
 * ends with the file, or with its process.
 */
export default class TurnEnvironment extends TestEnvironment {
  readonly #path: string;
  readonly #isAlone: boolean;
  #turn: postgres.Sql | undefined;

  constructor(config: Arguments[0], context: Arguments[1]) {
    super(config, context);
    this.#path = context.testPath;
    this.#isAlone = "alone" in context.docblockPragmas;
  }

  override async setup(): Promise<void> {
    await super.setup();
    if (!startsShops(this.#path)) return;
    this.#turn = postgres(process.env.DATABASE_URL!, { max: 1, idle_timeout: 0, max_lifetime: null });
    await (this.#isAlone ? this.#turn`select pg_advisory_lock(${LOCK})` : this.#turn`select pg_advisory_lock_shared(${LOCK})`);
  }

  override async teardown(): Promise<void> {
    await this.#turn?.end();
    await super.teardown();
  }
}
