import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as customers from "../customers/contract.ts";
import * as payments from "../payments/contract.ts";
import * as shipping from "../shipping/contract.ts";
import { onCaptured, onRefunded } from "./bookings.ts";
import { cancelling } from "./cancel.ts";
import { capturing, captureUnsendable } from "./capture.ts";
import { checkout } from "./checkout.ts";
import { checkoutSagaBeforeCoupons } from "./checkout-before-coupons.ts";
import { checkoutSaga } from "./checkout-saga.ts";
import * as orders from "./contract.ts";
import { claimOrders } from "./customer-store.ts";
import { delivering } from "./deliver.ts";
import { findOrders, findOwnOrders } from "./find-orders.ts";
import { tell } from "./life-store.ts";
import { moving } from "./moves.ts";
import { trimMoveKeys } from "./move-store.ts";
import { readOrder, readOwnOrder } from "./read-order.ts";
import { refunding } from "./refund.ts";
import { returning } from "./return.ts";
import { sending } from "./ship.ts";
import { trimKeys } from "./store.ts";
import { tokensUnder } from "./token.ts";

const HOUR = 3_600_000;

export default service("orders", orders, (r) => {
  const tokens = tokensUnder(r.deriveKey("order token"));
  const cancel = cancelling(r);
  const capture = capturing(r);
  const atConfirmation = captureUnsendable(r, capture);
  const buying = checkoutSaga(r, atConfirmation);
  const ship = sending(r);
  const deliver = delivering(r);
  const takeBack = returning(r);
  const refund = refunding(r);
  const moves = [cancel, capture, ship, deliver, takeBack, refund];
  return {
    actions: {
      checkout: checkout(r, buying, tokens),
      getOrder: readOwnOrder(r, tokens),
      followOrder: readOwnOrder(r, tokens),
      findOwnOrders: findOwnOrders(r),
      findOrders: findOrders(r),
      readOrder: readOrder(r),
      cancelOrder: moving(r, cancel),
      captureOrder: moving(r, capture),
      shipOrder: moving(r, ship),
      deliverOrder: moving(r, deliver),
      returnOrder: moving(r, takeBack),
      refundOrder: moving(r, refund),
    },
    reactions: [
      on(payments.captured, onCaptured),
      on(payments.refunded, onRefunded),
      on(payments.voided, async ({ orderId }, tx) => void (await tell(tx, orderId, { what: "payment voided", key: "voided" }))),
      on(
        shipping.parcelPlanned,
        async ({ orderId }, tx) => void (await tell(tx, orderId, { what: "parcel planned", key: "planned" })),
      ),
      on(customers.emailVerified, ({ email, customerId }, tx) => claimOrders(tx, email, customerId)),
    ],
    sagas: [buying, checkoutSagaBeforeCoupons(r, atConfirmation), ...moves.map(({ saga }) => saga)],
    jobs: [
      { name: "trim checkout keys", every: HOUR, work: () => trimKeys(r.db.sql) },
      { name: "trim keys of moves", every: HOUR, work: () => trimMoveKeys(r.db.sql) },
    ],
  };
});
