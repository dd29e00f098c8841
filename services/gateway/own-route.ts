import type { Exchange } from "./reply.ts";

/** Something that the gateway answers itself. */
export interface OwnRoute {
  readonly method: "GET";
  readonly path: string;
  readonly summary: string;
  /** The media type of the answer. */
  readonly type: string;
  /** What each status means, for the documentation. */
  readonly statuses: Readonly<Record<number, string>>;
  readonly serve: (exchange: Exchange) => void | Promise<void>;
}
