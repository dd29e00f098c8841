import { formatMoney, type Money } from "../../../lib/money.ts";
import { Html, html } from "../html.ts";

// Mail programs know no style sheets worth relying on: tables and inline styles it is.
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const RULE = "border-top:1px solid #e7e2dc";
const SOFT = "color:#6b645c;font-size:14px";
const BUTTON =
  "display:inline-block;padding:12px 24px;border-radius:8px;background:#b4451f;color:#ffffff;font-weight:700;text-decoration:none";

const raw = (style: string): Html => new Html(style);

interface Page {
  readonly title: string;
  readonly shopName: string;
  readonly heading: string;
  readonly says: Html;
  /** What follows, each part in its own row. */
  readonly parts?: readonly Html[];
}

/** A mail as a page: the shop's name, a heading, what it says, and what follows. */
export const page = ({ title, shopName, heading, says, parts = [] }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
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
                    <h1 style="margin:0;font-size:26px;line-height:32px">${heading}</h1>
                  </td>
                </tr>
                <tr>
                  <td style="padding:12px 32px 24px;font-size:16px;line-height:24px">${says}</td>
                </tr>
                ${parts.map(
                  (part) =>
                    html`<tr>
                      <td style="padding:0 32px 28px;font-size:16px;line-height:24px">${part}</td>
                    </tr> `,
                )}
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `.text;

/** Rows of a table over the whole width. */
export const table = (rows: readonly Html[]): Html =>
  html`<table width="100%" cellpadding="0" cellspacing="0" style="font-size:16px;line-height:24px">
    ${rows}
  </table>`;

interface Thing {
  readonly title: string;
  readonly variantTitle: string;
  readonly quantity: number;
}

export const isVariantTold = ({ title, variantTitle }: Thing): boolean => variantTitle !== "" && variantTitle !== title;

/** What is meant, on one line: "2 x Mug (Blue)". */
export const nameOf = (thing: Thing): string =>
  `${thing.quantity} x ${isVariantTold(thing) ? `${thing.title} (${thing.variantTitle})` : thing.title}`;

/** A row for a thing; with prices where there are any. */
export const thingRow = (thing: Thing, prices?: { readonly unitPrice: Money; readonly total: Money }): Html =>
  html`<tr>
    <td style="padding:12px 0;${raw(RULE)}">
      ${thing.title}${isVariantTold(thing) ? html`<div style="${raw(SOFT)}">${thing.variantTitle}</div>` : ""}
      ${prices ? html`<div style="${raw(SOFT)}">${String(thing.quantity)} × ${formatMoney(prices.unitPrice)}</div>` : ""}
    </td>
    <td align="right" valign="top" style="padding:12px 0;white-space:nowrap;${raw(RULE)}">
      ${prices ? formatMoney(prices.total) : `${thing.quantity} ×`}
    </td>
  </tr> `;

/** A row for a sum; the last one stands out. */
export const sumRow = (name: string, amount: Money, isLast = false): Html => {
  const style = raw(isLast ? `${RULE};font-size:18px;font-weight:700` : SOFT);
  return html`<tr>
    <td style="padding:6px 0;${style}">${name}</td>
    <td align="right" style="padding:6px 0;white-space:nowrap;${style}">${formatMoney(amount)}</td>
  </tr> `;
};

/** A few lines under a small title. */
export const block = (title: string, lines: readonly string[]): Html =>
  html`<div style="${raw(SOFT)}">${title}</div>
    ${lines.map((line) => html`<div>${line}</div>`)}`;

/** A link that looks like something to press, and once more as text for whoever does not trust it. */
export const button = (label: string, url: string): Html =>
  html`<a href="${url}" style="${raw(BUTTON)}">${label}</a>
    <div style="padding-top:16px;word-break:break-all;${raw(SOFT)}">${url}</div>`;
