import { fault } from "../../lib/fault.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import type { Handler } from "../../lib/service.ts";
import * as customers from "./contract.ts";
import { askForLetter, findOwner, useAllResets, useToken } from "./letter-store.ts";
import { requireUncommon } from "./passwords.ts";
import { digestOf } from "./secrets.ts";
import { endSessions } from "./session-store.ts";
import * as store from "./store.ts";
import type { Tools } from "./tools.ts";

/** Has a mail sent, if there is such an account. Nothing here depends on that: who writes the letter will find out. */
export const requestPasswordReset =
  ({ mails }: Tools): Handler<typeof customers.requestPasswordReset> =>
  ({ email }, ctx) =>
    ctx.commit(async (tx) => {
      await mails.count(tx, email);
      await askForLetter(tx, { id: newId("ltr"), kind: "password_reset", email });
      return {};
    });

const worthless = () => fault("unauthorized", "This link is not valid any more. Please ask for a new one.");

/** Sets a new password. Who can read the account's mail is its owner: all sessions end, and the address counts as confirmed. */
export const resetPassword =
  ({ r, hasher, guesses }: Tools): Handler<typeof customers.resetPassword> =>
  async ({ token, password }, ctx) => {
    const digest = digestOf(token);
    const owner = await findOwner(r.db.sql, "password_reset", digest);
    if (!owner) throw worthless();
    requireUncommon(password, { email: owner.email, shopName: r.config.shopName });
    const hash = await hasher.hash(password);
    return ctx.commit(async (tx) => {
      await guesses.forgive(tx, owner.email);
      await store.replacePassword(tx, owner.id, hash);
      if (!(await useToken(tx, "password_reset", digest))) throw worthless();
      await endSessions(tx, owner.id, null);
      await useAllResets(tx, owner.id, owner.email);
      await confirm(tx, owner.id);
      return {};
    });
  };

/** Confirms an address. */
export const verifyEmail =
  (): Handler<typeof customers.verifyEmail> =>
  ({ token }, ctx) =>
    ctx.commit(async (tx) => {
      const id = await useToken(tx, "verify_email", digestOf(token));
      if (!id) throw worthless();
      await confirm(tx, id);
      return {};
    });

async function confirm(tx: Parameters<typeof announce>[0], customerId: customers.CustomerId): Promise<void> {
  const email = await store.verifyEmail(tx, customerId);
  if (email) await announce(tx, customers.emailVerified, { customerId, email });
}
