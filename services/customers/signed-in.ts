import { fault } from "../../lib/fault.ts";
import type { Ctx, Resources } from "../../lib/service.ts";
import type { CustomerId } from "./contract.ts";
import { isSessionLive } from "./session-store.ts";

/** A customer whose session is alive at this moment. */
export interface SignedIn {
  readonly id: CustomerId;
  readonly sessionId: string;
}

/**
 * Who asks. The gateway has checked the token only, which outlives its session by some minutes; here the session itself is asked
 * for.
 *
 * @throws `unauthorized` when the session is over, `forbidden` when it is no customer who asks.
 */
export async function requireCustomer({ db }: Pick<Resources, "db">, { caller }: Pick<Ctx, "caller">): Promise<SignedIn> {
  if (caller.kind !== "customer") throw fault("forbidden", "Only a customer has this.");
  const isLive = await isSessionLive(db.sql, { id: caller.session, customerId: caller.id });
  if (!isLive) throw fault("unauthorized", "This session is over. Please sign in again.");
  return { id: caller.id as CustomerId, sessionId: caller.session };
}
