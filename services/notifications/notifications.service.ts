import type { Event, Payload } from "../../lib/contract.ts";
import { on, type Reaction } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import * as notifications from "./contract.ts";
import { findFailedMails, findMails, retryMail } from "./mailbox.ts";
import { accountMail } from "./mails/account.ts";
import { orderConfirmation } from "./mails/order-confirmation.ts";
import { orderCancelled, orderRefunded, orderShipped } from "./mails/order-news.ts";
import type { Letter } from "./model.ts";
import { openPost } from "./post.ts";
import { writeMail } from "./store.ts";
import { deliverTo } from "./webhooks/deliver.ts";
import { others, tell } from "./webhooks/follow.ts";
import { webhooks } from "./webhooks/webhooks.ts";

export default service("notifications", notifications, (r) => {
  const post = openPost(r);
  const { shopName } = r.config;

  /** A mail about an event and the event itself for whoever wants it; `about` is what there is at most one mail of a kind for. */
  function news<E extends Event>(
    event: E,
    kind: string,
    about: (payload: Payload<E>) => string,
    letterOf: (payload: Payload<E>, shopName: string) => Letter | null,
  ): Reaction {
    return on(event, async (payload, tx) => {
      const told = payload as Payload<E>;
      const letter = letterOf(told, shopName);
      if (letter) await writeMail(tx, { kind, about: about(told), letter });
      await tell(event, told, tx);
    });
  }

  return {
    actions: {
      findMails: findMails(r),
      findFailedMails: findFailedMails(r),
      retryMail: retryMail(),
      sendLetter: ({ key, to, letter }, ctx) =>
        ctx.commit(async (tx) => {
          await writeMail(tx, { kind: letter.kind, about: key, letter: accountMail(to, letter, r.config) });
          return {};
        }),
      ...webhooks(r),
    },
    reactions: [
      news(orders.confirmed, "order_confirmed", ({ orderId }) => orderId, orderConfirmation),
      news(orders.shipped, "order_shipped", ({ shipmentId }) => shipmentId, orderShipped),
      news(orders.cancelled, "order_cancelled", ({ orderId }) => orderId, orderCancelled),
      news(orders.refunded, "order_refunded", ({ refundId }) => refundId, orderRefunded),
      ...others,
    ],
    jobs: [
      { name: "send mails", every: 250, work: (stopping) => post.send(stopping) },
      { name: "deliver webhooks", every: 500, work: deliverTo(r) },
    ],
    stop: async () => post.close(),
  };
});
