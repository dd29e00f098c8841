import { fault } from "../../lib/fault.ts";
import type { Handler } from "../../lib/service.ts";
import type * as customers from "./contract.ts";
import { signIn } from "./sign-in.ts";
import * as store from "./store.ts";
import type { Tools } from "./tools.ts";

/** Signs in. Where there is no such account the work, the counting and the answer are those of a wrong password. */
export const login =
  (tools: Tools): Handler<typeof customers.login> =>
  async ({ email, password, cartId }, ctx) => {
    const { r, hasher, guesses } = tools;
    await guesses.require(email);
    const account = await store.findAccount(r.db.sql, email);
    const isRight = await hasher.fits(password, account?.password);
    if (account && isRight) return signIn(tools, ctx, { account, password, cartId });
    await guesses.count(r.db.sql, email);
    throw fault("unauthorized", "The email or the password is wrong.");
  };
