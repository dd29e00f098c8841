import { formatMoney, type Money } from "../../../lib/money.ts";
import type { Address } from "../../carts/contract.ts";

const WIDTH = 64;

/** Name and amount at the two ends of a line. */
export function row(name: string, amount: Money): string {
  const money = formatMoney(amount);
  return `${name.padEnd(WIDTH - money.length - 1)} ${money}`;
}

export const line = (): string => "-".repeat(WIDTH);

/** Parts with an empty line between them. */
export const plain = (...parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join("\n\n");

const countries = new Intl.DisplayNames("en", { type: "region" });

/** An address as it stands on a parcel. */
export const addressLines = ({ name, line1, line2, postalCode, city, region, country }: Address): string[] =>
  [name, line1, line2, `${postalCode} ${city}`, region, countries.of(country)].filter((part) => part !== undefined);
