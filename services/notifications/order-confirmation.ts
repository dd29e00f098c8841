import type { Payload } from "../../lib/contract.ts";
import { formatMoney, type Money } from "../../lib/money.ts";
import type { confirmed } from "../orders/contract.ts";
import { Html, html } from "./html.ts";
import type { Letter } from "./model.ts";

type Order = Payload<typeof confirmed>;

/** The mail that tells a buyer that the order stands. */
export const orderConfirmation = (order: Order, shopName: string): Letter => ({
  to: order.email,
  subject: `Your ${shopName} order ${order.number} is confirmed`,
  text: textOf(order, shopName),
  html: htmlOf(order, shopName).text,
});

const countries = new Intl.DisplayNames("en", { type: "region" });

const addressOf = ({ shippingAddress: { name, line1, line2, postalCode, city, region, country } }: Order): string[] =>
  [name, line1, line2, `${postalCode} ${city}`, region, countries.of(country)].filter((part) => part !== undefined);

const isVariantTold = ({ title, variantTitle }: Order["lines"][number]): boolean => variantTitle !== "" && variantTitle !== title;

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

function textOf(order: Order, shopName: string): string {
  const lines = order.lines.map((line) => {
    const title = isVariantTold(line) ? `${line.title} (${line.variantTitle})` : line.title;
    return row(`${line.quantity} x ${title}`, line.total);
  });
  const sums = [...sumsOf(order), ["Total", order.totals.total] as const].map(([name, amount]) => row(name, amount));
  return [
    "Thank you for your order!",
    `Order ${order.number} is confirmed. We let you know when it is on its way.`,
    [...lines, "-".repeat(WIDTH), ...sums].join("\n"),
    ["Ships to", ...addressOf(order)].join("\n"),
    shopName,
  ].join("\n\n");
}

const WIDTH = 64;

/** Name and amount at the two ends of a line. */
function row(name: string, amount: Money): string {
  const money = formatMoney(amount);
  return `${name.padEnd(WIDTH - money.length - 1)} ${money}`;
}

// Mail programs know no style sheets worth relying on: tables and inline styles it is.
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const RULE = "border-top:1px solid #e7e2dc";
const SOFT = "color:#6b645c;font-size:14px";

const htmlOf = (order: Order, shopName: string): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Order ${order.number}</title>
      </head>
      <body style="margin:0;padding:0;background:#f6f3ef;color:#26221e;${raw(FONT)}">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
          <tr>
            <td align="center" style="padding:32px 12px">
              <table
                role="presentation"
                width="600"
                cellpadding="0"
                cellspacing="0"
                style="width:100%;max-width:600px;background:#ffffff;border-radius:12px"
              >
                <tr>
                  <td style="padding:28px 32px 0;font-size:16px;font-weight:700;color:#b4451f">${shopName}</td>
                </tr>
                <tr>
                  <td style="padding:16px 32px 0">
                    <h1 style="margin:0;font-size:26px;line-height:32px">Thank you for your order!</h1>
                  </td>
                </tr>
                <tr>
                  <td style="padding:12px 32px 24px;font-size:16px;line-height:24px">
                    Order <strong>${order.number}</strong> is confirmed. We let you know when it is on its way.
                  </td>
                </tr>
                <tr>
                  <td style="padding:0 32px">
                    <table width="100%" cellpadding="0" cellspacing="0" style="font-size:16px;line-height:24px">
                      ${order.lines.map(lineOf)} ${sumsOf(order).map(([name, amount]) => sumOf(name, amount, SOFT))}
                      ${sumOf("Total", order.totals.total, `${RULE};font-size:18px;font-weight:700`)}
                    </table>
                  </td>
                </tr>
                <tr>
                  <td style="padding:28px 32px 32px;font-size:16px;line-height:24px">
                    <div style="${raw(SOFT)}">Ships to</div>
                    ${addressOf(order).map((part) => html`<div>${part}</div>`)}
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `;

const raw = (style: string): Html => new Html(style);

const lineOf = (line: Order["lines"][number]): Html =>
  html`<tr>
    <td style="padding:12px 0;${raw(RULE)}">
      ${line.title}${isVariantTold(line) ? html`<div style="${raw(SOFT)}">${line.variantTitle}</div>` : ""}
      <div style="${raw(SOFT)}">${String(line.quantity)} × ${formatMoney(line.unitPrice)}</div>
    </td>
    <td align="right" valign="top" style="padding:12px 0;white-space:nowrap;${raw(RULE)}">${formatMoney(line.total)}</td>
  </tr> `;

const sumOf = (name: string, amount: Money, style: string): Html =>
  html`<tr>
    <td style="padding:6px 0;${raw(style)}">${name}</td>
    <td align="right" style="padding:6px 0;white-space:nowrap;${raw(style)}">${formatMoney(amount)}</td>
  </tr> `;
