import { TestEnvironment } from "jest-environment-node";
import postgres from "postgres";
import { startsShops } from "./shops.ts";

type Arguments = ConstructorParameters<typeof TestEnvironment>;

/** Of PostgreSQL's advisory locks: whoever has it may start shops. */
const LOCK = 1;

/**
 * Node's, with a turn for files that start whole shops: what such a test says of time would be about its neighbour, if that one
 * were a dozen processes, too. The turn ends with the file, or with its process.
 */
export default class TurnEnvironment extends TestEnvironment {
  readonly #path: string;
  #turn: postgres.Sql | undefined;

  constructor(config: Arguments[0], context: Arguments[1]) {
    super(config, context);
    this.#path = context.testPath;
  }

  override async setup(): Promise<void> {
    await super.setup();
    if (!startsShops(this.#path)) return;
    this.#turn = postgres(process.env.DATABASE_URL!, { max: 1, idle_timeout: 0, max_lifetime: null });
    await this.#turn`select pg_advisory_lock(${LOCK})`;
  }

  override async teardown(): Promise<void> {
    await this.#turn?.end();
    await super.teardown();
  }
}
