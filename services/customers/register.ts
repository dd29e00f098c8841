import type { Output } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import type { Ctx, Handler } from "../../lib/service.ts";
import * as customers from "./contract.ts";
import { askForLetter, askForNotice } from "./letter-store.ts";
import { requireUncommon } from "./passwords.ts";
import { newSession, open, signIn, welcome } from "./sign-in.ts";
import * as store from "./store.ts";
import type { Account } from "./store.ts";
import type { Tools } from "./tools.ts";

type Given = Parameters<Handler<typeof customers.register>>[0];
type Session = Output<typeof customers.register>;

/** Opens an account. Whoever has one already and gives its password is signed in: see decision 11. */
export const register =
  (tools: Tools): Handler<typeof customers.register> =>
  async (given, ctx) => {
    const { r, hasher, guesses } = tools;
    requireUncommon(given.password, { email: given.email, shopName: r.config.shopName });
    await guesses.require(given.email);
    const known = await store.findAccount(r.db.sql, given.email);
    if (known) return comeBack(tools, ctx, { ...given, account: known });

    const { email, name = null, cartId } = given;
    const account = { id: newId("cus"), email, password: await hasher.hash(given.password), passwordVersion: 1 };
    const session = newSession();
    const isNew = await r.db.transaction(async (tx) => {
      if (!(await store.insertCustomer(tx, { ...account, name }))) return false;
      await open(tx, account, session);
      await askForLetter(tx, { id: newId("ltr"), kind: "verify_email", email });
      await announce(tx, customers.registered, { customerId: account.id, email });
      return true;
    });
    if (isNew) return welcome(tools, ctx, { account, session, cartId });
    const other = await store.findAccount(r.db.sql, email);
    if (!other) throw fault("unavailable", undefined, { retryAfter: 1 });
    return comeBack(tools, ctx, { ...given, account: other });
  };

async function comeBack(tools: Tools, ctx: Ctx, { account, password, cartId }: Given & { account: Account }): Promise<Session> {
  const { r, hasher, guesses } = tools;
  if (await hasher.fits(password, account.password)) return signIn(tools, ctx, { account, password, cartId });
  // Otherwise this would be a place to guess passwords at.
  await guesses.count(r.db.sql, account.email);
  await r.db.transaction((tx) => askForNotice(tx, { id: newId("ltr"), kind: "account_exists", email: account.email }));
  throw fault("conflict", "There is an account with this email already. Sign in, or have a new password sent to you.");
}
