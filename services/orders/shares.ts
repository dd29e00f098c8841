import { count, type Life, type Line, type Part, rest } from "./model.ts";

/** What was paid for the first units of a line: what cannot be divided goes to the earliest ones, one each. */
function paidForFirst({ paid, quantity }: Line, units: number): number {
  return units * Math.floor(paid / quantity) + Math.min(units, paid % quantity);
}

/** What was paid for these units, being the next ones to be refunded: all of a line, in whatever portions, gives exactly what it cost. */
export const paidFor = ({ lines }: Life, parts: readonly Part[]): number =>
  parts.reduce((sum, { sku, quantity }) => {
    const line = lines.find((known) => known.sku === sku);
    return line ? sum + paidForFirst(line, line.refunded + quantity) - paidForFirst(line, line.refunded) : sum;
  }, 0);

/**
 * What a shop that captures at shipment takes with this one: the units' price, shipping with the first shipment and all
 * that is left with the last one. What was captured before counts towards it.
 */
export function dueWith(life: Life, parts: readonly Part[]): number {
  const after = count(life, "shipped", parts);
  const isLast = rest(after, "shipped").length === 0;
  const sent = after.lines.reduce((sum, line) => sum + paidForFirst(line, line.shipped), 0);
  const forSending = life.total - life.lines.reduce((sum, line) => sum + line.paid, 0);
  return Math.max(0, (isLast ? life.total : Math.min(sent + forSending, life.total)) - life.captured);
}
