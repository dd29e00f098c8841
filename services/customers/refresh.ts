import { fault } from "../../lib/fault.ts";
import type { Handler } from "../../lib/service.ts";
import type * as customers from "./contract.ts";
import { ACCESS_TIME, judgeToken } from "./model.ts";
import { digestOf, newSecret, secretFor } from "./secrets.ts";
import { endSession, lockToken, spendToken } from "./session-store.ts";
import type { Tools } from "./tools.ts";

/**
 * Gives the next pair of tokens. A token that was spent ends its session, also when two use it at the same instant: the second
 * of two tabs cannot be told from a thief. A client that wants to send its request again sends it with an `Idempotency-Key`: the
 * next token is then made from the old one and that key, so it can be given again and is never stored.
 */
export const refresh =
  ({ r, signer, refreshKey }: Tools): Handler<typeof customers.refresh> =>
  async ({ refreshToken }, { idempotency }) => {
    const next = idempotency ? secretFor(refreshKey, refreshToken, idempotency.key) : newSecret();
    const key = idempotency ? digestOf(idempotency.key) : null;
    const presented = { token: digestOf(refreshToken), key, next: digestOf(next) };
    // The end of a session must be committed although the request fails, so the transaction answers and does not throw.
    const { token, worth } = await r.db.transaction(async (tx) => {
      const found = await lockToken(tx, presented);
      const verdict = judgeToken(found);
      if (found && verdict === "good") await spendToken(tx, found, presented);
      if (found && verdict === "reused") await endSession(tx, found.sessionId, "reuse");
      return { token: found, worth: verdict };
    });
    if (token && worth === "reused")
      r.log.warn("a spent refresh token came again and ended its session", { session: token.sessionId });
    if (!token || worth === "reused" || worth === "worthless")
      throw fault("unauthorized", "This session is over. Please sign in again.");
    const { sign } = await signer;
    return { accessToken: await sign(token), refreshToken: next, expiresIn: ACCESS_TIME };
  };
