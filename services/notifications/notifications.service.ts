import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import * as notifications from "./contract.ts";
import { findFailedMails, findMails, retryMail } from "./mailbox.ts";
import { orderConfirmation } from "./order-confirmation.ts";
import { openPost } from "./post.ts";
import { writeMail } from "./store.ts";

export default service("notifications", notifications, (r) => {
  const post = openPost(r);
  return {
    actions: { findMails: findMails(r), findFailedMails: findFailedMails(r), retryMail: retryMail() },
    reactions: [
      on(orders.confirmed, (order, tx) =>
        writeMail(tx, { kind: "order_confirmed", about: order.orderId, letter: orderConfirmation(order, r.config.shopName) }),
      ),
    ],
    jobs: [{ name: "send mails", every: 250, work: (stopping) => post.send(stopping) }],
    stop: async () => post.close(),
  };
});
