import type { Output } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import { errorFields } from "../../lib/log.ts";
import type { Ctx } from "../../lib/service.ts";
import * as carts from "../carts/contract.ts";
import type * as customers from "./contract.ts";
import { ACCESS_TIME } from "./model.ts";
import { digestOf, newSecret } from "./secrets.ts";
import { openSession } from "./session-store.ts";
import type { Account } from "./store.ts";
import * as store from "./store.ts";
import type { Tools } from "./tools.ts";

type Session = Output<typeof customers.login>;
type CartId = Session["cartId"];

/** A session that is about to begin. */
export const newSession = () => ({ id: newId("ses"), refreshToken: newSecret() });
export type NewSession = ReturnType<typeof newSession>;

interface Given {
  readonly account: Account;
  /** Which was found to be right. */
  readonly password: string;
  readonly cartId: CartId | undefined;
}

/** Signs in whoever has given the right password. */
export async function signIn(tools: Tools, ctx: Ctx, { account, password, cartId }: Given): Promise<Session> {
  const { r, hasher, guesses } = tools;
  const session = newSession();
  const renewed = hasher.isOutdated(account.password) ? await hasher.hash(password) : undefined;
  const isOpen = await r.db.transaction(async (tx) => {
    await guesses.clear(tx, account.email);
    if (renewed) await store.renewHash(tx, account, renewed);
    return open(tx, account, session);
  });
  if (!isOpen) throw fault("unauthorized", "The password was changed a moment ago.");
  return welcome(tools, ctx, { account, session, cartId });
}

/** Opens the session. False when the account has another password by now. */
export const open = (
  tx: Parameters<typeof openSession>[0],
  { id, passwordVersion }: Pick<Account, "id" | "passwordVersion">,
  session: NewSession,
): Promise<boolean> =>
  openSession(tx, { id: session.id, customerId: id, passwordVersion, token: digestOf(session.refreshToken) });

interface Newcomer {
  readonly account: Pick<Account, "id" | "email">;
  readonly session: NewSession;
  readonly cartId: CartId | undefined;
}

/** The tokens of a session that was opened, and the cart. */
export async function welcome({ r, signer }: Tools, ctx: Ctx, { account, session, cartId }: Newcomer): Promise<Session> {
  const { sign } = await signer;
  const accessToken = await sign({ customerId: account.id, sessionId: session.id });
  const { id: customerId, email } = account;
  // Without its cart a sign-in is worth something, without carts a shop is not worth less.
  const adopted = await ctx.call(carts.adopt, { customerId, email, ...(cartId && { cartId }) }).catch((error: unknown) => {
    r.log.warn("a customer signed in without a cart", errorFields(error));
    return { cartId: null };
  });
  return { accessToken, refreshToken: session.refreshToken, expiresIn: ACCESS_TIME, cartId: adopted.cartId };
}
