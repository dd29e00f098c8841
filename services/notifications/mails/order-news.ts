import type { Payload } from "../../../lib/contract.ts";
import { formatMoney } from "../../../lib/money.ts";
import type * as orders from "../../orders/contract.ts";
import { html } from "../html.ts";
import type { Letter } from "../model.ts";
import { block, nameOf, page, table, thingRow } from "./page.ts";
import { addressLines, plain } from "./plain.ts";

type Shipped = Payload<typeof orders.shipped>;
type Cancelled = Payload<typeof orders.cancelled>;
type Refunded = Payload<typeof orders.refunded>;

/** The mail that tells a buyer that a shipment has left. */
export function orderShipped(news: Shipped, shopName: string): Letter {
  const { number, lines, isComplete } = news;
  const what = isComplete ? "Your order is on its way" : "A part of your order is on its way";
  const says = isComplete
    ? `Everything that was left of order ${number} has left our house.`
    : `The rest of order ${number} follows.`;
  const tracking = trackingOf(news);
  return {
    to: news.email,
    subject: `Your ${shopName} order ${number} is on its way`,
    text: plain(
      `${what}!`,
      says,
      lines.map(nameOf).join("\n"),
      tracking.length > 0 && ["Tracking", ...tracking].join("\n"),
      ["Ships to", ...addressLines(news.shippingAddress)].join("\n"),
      shopName,
    ),
    html: page({
      title: `Order ${number}`,
      shopName,
      heading: `${what}!`,
      says: html`${says}`,
      parts: [
        table(lines.map((thing) => thingRow(thing))),
        ...(tracking.length > 0 ? [block("Tracking", tracking)] : []),
        block("Ships to", addressLines(news.shippingAddress)),
      ],
    }),
  };
}

const trackingOf = ({ carrier, trackingNumber }: Shipped): string[] => [carrier, trackingNumber].filter((part) => part !== null);

/** The mail that tells a buyer that an order which had been confirmed is cancelled. Null for one that never was. */
export function orderCancelled({ number, reason, confirmed }: Cancelled, shopName: string): Letter | null {
  if (!confirmed) return null;
  const { refunded } = confirmed;
  const money = refunded
    ? `We have sent ${formatMoney(refunded)} back to you; banks take a few days to show it.`
    : "Nothing was taken from your card.";
  const why = `Reason: ${reason}`;
  return {
    to: confirmed.email,
    subject: `Your ${shopName} order ${number} is cancelled`,
    text: plain("Your order is cancelled", `Order ${number} will not be sent. ${money}`, why, shopName),
    html: page({
      title: `Order ${number}`,
      shopName,
      heading: "Your order is cancelled",
      says: html`Order <strong>${number}</strong> will not be sent. ${money}`,
      parts: [block("Reason", [reason])],
    }),
  };
}

/** The mail that tells a buyer that money is on its way back. */
export function orderRefunded({ email, number, amount, lines, reason, isFull }: Refunded, shopName: string): Letter {
  const money = formatMoney(amount);
  const says = isFull
    ? `With ${money} all that you paid for order ${number} is on its way back to you.`
    : `We have sent ${money} for order ${number} back to you.`;
  const soon = "Banks take a few days to show it.";
  return {
    to: email,
    subject: `A refund for your ${shopName} order ${number}`,
    text: plain(
      "Your refund is on its way",
      `${says} ${soon}`,
      lines.length > 0 && lines.map(nameOf).join("\n"),
      `Reason: ${reason}`,
      shopName,
    ),
    html: page({
      title: `Order ${number}`,
      shopName,
      heading: "Your refund is on its way",
      says: html`${says} ${soon}`,
      parts: [...(lines.length > 0 ? [table(lines.map((thing) => thingRow(thing)))] : []), block("Reason", [reason])],
    }),
  };
}
