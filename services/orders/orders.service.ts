import { fault } from "../../lib/fault.ts";
import { on } from "../../lib/reactions.ts";
import { type Resources, service } from "../../lib/service.ts";
import * as payments from "../payments/contract.ts";
import * as shipping from "../shipping/contract.ts";
import { checkout } from "./checkout.ts";
import * as orders from "./contract.ts";
import { checkoutSaga } from "./saga.ts";
import * as store from "./store.ts";
import { tokensUnder } from "./token.ts";

const HOUR = 3_600_000;

async function readOrder(r: Resources, id: string) {
  const order = await store.readOrder(r.db.sql, id);
  if (!order) throw fault("not_found");
  return order;
}

export default service("orders", orders, (r) => {
  const saga = checkoutSaga(r);
  const tokens = tokensUnder(r.deriveKey("order token"));

  const readOwn = async ({ id, token }: { id: string; token?: string | undefined }) => {
    // Someone else's order and no order at all look the same.
    if (!tokens.fits(id, token)) throw fault("not_found");
    return readOrder(r, id);
  };

  return {
    actions: {
      checkout: checkout(r, saga, tokens),
      getOrder: readOwn,
      followOrder: readOwn,
      readOrder: ({ id }) => readOrder(r, id),
      findOrders: async (query) => {
        const data = await store.findOrders(r.db.sql, query);
        const nextCursor = data.length === query.limit ? data.at(-1)!.id : null;
        return { data, meta: { limit: query.limit, nextCursor } };
      },
    },
    reactions: [
      on(payments.captured, ({ orderId }, tx) => store.markCaptured(tx, orderId)),
      on(shipping.parcelPlanned, ({ orderId }, tx) => store.tell(tx, orderId, "parcel planned")),
    ],
    sagas: [saga],
    jobs: [{ name: "trim checkout keys", every: HOUR, work: () => store.trimKeys(r.db.sql) }],
  };
});
