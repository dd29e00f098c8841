import { fault } from "../../lib/fault.ts";
import type { SagaDefinition } from "../../lib/saga.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import type { Action, Input, Output } from "../../lib/contract.ts";
import type { z } from "zod";
import type { Order, OrderId } from "./contract.ts";
import { type Living, lockOrder } from "./life-store.ts";
import { allowed, type Move, refusalTo } from "./model.ts";
import type { MoveState } from "./move-saga.ts";
import * as moves from "./move-store.ts";
import { readOrder } from "./read-store.ts";

/** A request for a move, made definite by what the order is like. */
export interface Plan<S extends MoveState> {
  readonly id: string;
  readonly move: Move;
  readonly amount?: number;
  readonly why?: string;
  /** What its saga has to know. */
  readonly state: Omit<S, keyof MoveState>;
}

/** A kind of move: what it is called, the saga that makes it, and how a request becomes definite. */
export interface Kind<A extends Action, S extends MoveState> {
  readonly kind: moves.MoveKind;
  readonly saga: SagaDefinition<S>;
  plan(asked: Input<A>, at: Living): Plan<S>;
}

type MoveAction = Action<z.ZodType<{ id: OrderId }>, typeof Order>;
type Answer = z.output<typeof Order>;

/** Handles a move of the administration: begins it, durably, waits a while for what it comes to and answers the order. */
export const moving =
  <A extends MoveAction, S extends MoveState>(r: Resources, kind: Kind<A, S>): Handler<A> =>
  async (input, ctx) => {
    const asked = input as Input<A> & { id: OrderId };
    const { id, isReplay } = await begin(r, kind, asked, ctx as Ctx);
    if (isReplay) ctx.respond({ headers: { "Idempotent-Replayed": "true" } });
    await r.sagas.outcome(id, Math.min(r.config.checkoutWait, ctx.remaining() - 500));
    return (await answer(r, id, asked.id, ctx as Ctx)) as Output<A>;
  };

interface Begun {
  readonly id: string;
  readonly isReplay: boolean;
}

function begin<A extends MoveAction, S extends MoveState>(
  r: Resources,
  { kind, saga, plan }: Kind<A, S>,
  input: Input<A> & { id: OrderId },
  { caller, idempotency: key }: Ctx,
): Promise<Begun> {
  const orderId = input.id;
  return r.db.transaction(async (tx) => {
    const living = await lockOrder(tx, orderId);
    if (!living) throw fault("not_found");
    const before = key && (await moves.findByKey(tx, key));
    if (before && before.fingerprint !== key.fingerprint) throw fault("idempotency_key_reused");
    if (before) return { id: before.id, isReplay: true };
    const open = await moves.findOpen(tx, orderId);
    if (open) throw beingWorkedOn(open);
    const { id, move, amount, why, state } = plan(input, living);
    forbid(refusalTo(living.life, move), living);
    const by = "id" in caller ? caller.id : caller.kind;
    if (!(await moves.insertMove(tx, { id, orderId, kind, amount, why, by, key }))) throw fault("conflict");
    await r.sagas.start(tx, saga, { id, state: { ...state, moveId: id, orderId, by } as S });
    return { id, isReplay: false };
  });
}

const beingWorkedOn = ({ id, kind }: moves.MoveRow) =>
  fault("conflict", `This order is being worked on: ${kind} ${id} has not ended yet.`, {
    details: [{ move: kind, id }],
    retryAfter: 2,
  });

function forbid(refusal: string | undefined, { life: { status } }: Living): void {
  if (refusal) throw fault("conflict", refusal, { details: [{ status, allowed: allowed(status) }] });
}

async function answer(r: Resources, id: string, orderId: string, ctx: Ctx): Promise<Answer> {
  const move = await moves.readMove(r.db.sql, id);
  const order = move && (await readOrder(r.db.sql, orderId, "administration"));
  // A pending order whose cart could not be bought is no order any more.
  if (!order) throw fault("not_found");
  if (move.refusal !== null) throw fault("conflict", move.refusal);
  if (move.status === "open") ctx.respond({ status: 202 });
  return order;
}
