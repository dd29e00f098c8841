import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import type { Handler } from "../../lib/service.ts";
import type * as customers from "./contract.ts";
import { askForLetter, useAllResets } from "./letter-store.ts";
import { requireUncommon } from "./passwords.ts";
import { endSessions } from "./session-store.ts";
import { requireCustomer } from "./signed-in.ts";
import * as store from "./store.ts";
import type { Account } from "./store.ts";
import type { Tools } from "./tools.ts";

export const getMe =
  ({ r }: Tools): Handler<typeof customers.getMe> =>
  async (_input, ctx) => {
    const { id } = await requireCustomer(r, ctx);
    return store.getCustomer(r.db.sql, id);
  };

/** Changes the name, or the password by the present one. Then whoever else is signed in no longer is. */
export const updateMe =
  (tools: Tools): Handler<typeof customers.updateMe> =>
  async ({ name, password, currentPassword }, ctx) => {
    const { r, guesses } = tools;
    const { id, sessionId } = await requireCustomer(r, ctx);
    const change = password === undefined ? undefined : await checkPassword(tools, id, { password, currentPassword });
    return ctx.commit(async (tx) => {
      if (change) {
        const { account, hash } = change;
        await guesses.clear(tx, account.email);
        if (!(await store.setPassword(tx, account, hash))) throw fault("unauthorized", "The password was changed a moment ago.");
        await endSessions(tx, id, sessionId);
        await useAllResets(tx, id, account.email);
      }
      if (name !== undefined) await store.setName(tx, id, name);
      return store.getCustomer(tx, id);
    });
  };

interface Change {
  readonly password: string;
  readonly currentPassword: string | undefined;
}

async function checkPassword({ r, hasher, guesses }: Tools, id: Account["id"], { password, currentPassword }: Change) {
  const account = await store.getAccount(r.db.sql, id);
  if (currentPassword === undefined) {
    const details = [{ field: "currentPassword", message: "is needed for a new password" }];
    throw fault("invalid", "A new password needs the present one.", { details });
  }
  requireUncommon(password, { email: account.email, shopName: r.config.shopName });
  await guesses.require(account.email);
  if (await hasher.fits(currentPassword, account.password)) return { account, hash: await hasher.hash(password) };
  await guesses.count(r.db.sql, account.email);
  throw fault("unauthorized", "The present password is wrong.");
}

/** Has the mail sent again that asks to confirm the address. */
export const requestVerification =
  ({ r, mails }: Tools): Handler<typeof customers.requestVerification> =>
  async (_input, ctx) => {
    const { id } = await requireCustomer(r, ctx);
    const { email, isEmailVerified } = await store.getCustomer(r.db.sql, id);
    return ctx.commit(async (tx) => {
      if (isEmailVerified) return {};
      await mails.count(tx, email);
      await askForLetter(tx, { id: newId("ltr"), kind: "verify_email", email });
      return {};
    });
  };
