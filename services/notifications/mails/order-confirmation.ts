import type { Payload } from "../../../lib/contract.ts";
import type { Money } from "../../../lib/money.ts";
import type { confirmed } from "../../orders/contract.ts";
import { html } from "../html.ts";
import type { Letter } from "../model.ts";
import { block, nameOf, page, sumRow, table, thingRow } from "./page.ts";
import { addressLines, line, plain, row } from "./plain.ts";

type Order = Payload<typeof confirmed>;

/** The mail that tells a buyer that the order stands. */
export const orderConfirmation = (order: Order, shopName: string): Letter => ({
  to: order.email,
  subject: `Your ${shopName} order ${order.number} is confirmed`,
  text: plain(
    "Thank you for your order!",
    `Order ${order.number} is confirmed. We let you know when it is on its way.`,
    [
      ...order.lines.map((bought) => row(nameOf(bought), bought.total)),
      line(),
      ...sumsOf(order).map(([name, amount]) => row(name, amount)),
      row("Total", order.totals.total),
      ...taxNote(order),
    ].join("\n"),
    ["Ships to", ...addressLines(order.shippingAddress)].join("\n"),
    shopName,
  ),
  html: page({
    title: `Order ${order.number}`,
    shopName,
    heading: "Thank you for your order!",
    says: html`Order <strong>${order.number}</strong> is confirmed. We let you know when it is on its way.`,
    parts: [
      table([
        ...order.lines.map((bought) => thingRow(bought, bought)),
        ...sumsOf(order).map(([name, amount]) => sumRow(name, amount)),
        sumRow("Total", order.totals.total, true),
        ...included(order).map((tax) => sumRow("of which tax", tax)),
      ]),
      block("Ships to", addressLines(order.shippingAddress)),
    ],
  }),
});

/** The sums, without those that have nothing to say. */
function sumsOf({ totals: { items, discount, shipping, tax } }: Order): [string, Money][] {
  const sums: [string, Money, boolean][] = [
    ["Items", items, true],
    ["Discount", discount, discount.amount !== 0],
    ["Shipping", shipping, true],
    ["Tax", tax, tax.amount !== 0],
  ];
  return sums.filter(([, , isTold]) => isTold).map(([name, amount]) => [name, amount]);
}

/** The tax in the prices, where they include it. */
const included = ({ totals: { includedTax } }: Order): Money[] => (includedTax.amount === 0 ? [] : [includedTax]);

const taxNote = (order: Order): string[] => included(order).map((tax) => row("of which tax", tax));
