/** What a keeper is told once, over its stdin, when it starts. */
export interface KeeperOptions {
  readonly data: string;
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds that a node may take to drain before it is killed. */
  readonly drainTime: number;
  /** The PATH on which a Redis is looked for. */
  readonly path: string;
  /** Where these are missing the keeper brings its own. */
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  readonly adminKey?: string | undefined;
  readonly shopSecret?: string | undefined;
  readonly busKey?: string | undefined;
}

/** One node to be run. */
export interface Launch {
  readonly nodeId: string;
  readonly services: readonly string[];
  readonly version: string;
  /** The folder whose code it runs: the checkout or a release. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It gets the listening socket, as descriptor 3. */
  readonly listens: boolean;
}

/** A node that the keeper runs. */
export interface Kept extends Pick<Launch, "nodeId" | "services" | "version" | "folder"> {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** A node that has ended. */
export interface Ended extends Kept {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Everything that a supervisor needs to run nodes, as long as the keeper lives. */
export interface Holdings {
  readonly pid: number;
  readonly namespace: string;
  readonly url: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly adminKey: string;
  readonly adminKeyPath: string | null;
  readonly shopSecret: string;
  readonly busKey: string;
}

/** The answer to `attach`: one supervisor at a time. */
export interface Attached {
  readonly kept: readonly Kept[];
  /** What the supervisor before has asked to remember. */
  readonly memo: unknown;
}
