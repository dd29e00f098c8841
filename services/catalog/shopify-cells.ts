import { type Money, parseMoney } from "../../lib/money.ts";
import { cellOf, type Column, type Header } from "./shopify-columns.ts";

/** One row while it is read: its cells, and what turned out to be wrong with them. */
export interface Row {
  header: Header;
  fields: string[];
  cell: (column: Column) => string;
  problems: Problem[];
}
export interface Problem {
  column: string;
  message: string;
}

// A cart multiplies this by a quantity, which must stay an exact integer.
const dearest = 1_000_000_000_000;

export const rowOf = (header: Header, fields: string[]): Row => ({
  header,
  fields,
  cell: (column) => cellOf(header, fields, column),
  problems: [],
});

/** Notes a problem of the row. */
export function report(row: Row, column: string, message: string): void {
  row.problems.push({ column, message });
}

/** Short text on one line. */
export function readText(row: Row, column: Column, limit = 255): string {
  const text = row.cell(column);
  if (text.length > limit) report(row, column, `is longer than ${limit} characters`);
  if (/\p{Cc}/u.test(text)) report(row, column, "holds control characters");
  return text;
}

/** Text of several lines. */
export function readLongText(row: Row, column: Column, limit: number): string {
  const text = row.cell(column);
  if (text.length > limit) report(row, column, `is longer than ${limit} characters`);
  if (/[^\P{Cc}\n\r\t]/u.test(text)) report(row, column, "holds control characters");
  return text;
}

/** true or false in any case; a blank cell is true, as at Shopify. */
export function readFlag(row: Row, column: Column): boolean {
  const text = row.cell(column).toLowerCase();
  if (!["", "true", "false"].includes(text)) report(row, column, `${quoted(row.cell(column))} is neither true nor false`);
  return text !== "false";
}

/** A count, 0 when blank. */
export function readCount(row: Row, column: Column): number {
  const text = row.cell(column);
  if (text === "") return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  report(row, column, `${quoted(text)} is not a whole number from 0 to 999999999`);
  return 0;
}

/** A weight in grams, rounded to whole ones, 0 when blank. */
export function readGrams(row: Row, column: Column): number {
  const text = row.cell(column);
  if (text === "") return 0;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.round(Number(text));
  report(row, column, `${quoted(text)} is not a weight in grams`);
  return 0;
}

/** A price in the given currency; undefined when blank or wrong. */
export function readPrice(row: Row, column: Column, currency: string): Money | undefined {
  const text = row.cell(column);
  if (text === "") return undefined;
  const price = parseMoney(text, currency);
  if (!price) report(row, column, `${quoted(text)} is not an amount of ${currency}`);
  else if (text.startsWith("-")) report(row, column, `${quoted(text)} is negative`);
  else if (price.amount > dearest) report(row, column, `${quoted(text)} is too large`);
  else return price;
  return undefined;
}

/** The address of a picture, on the web or in this shop; "" when blank. */
export function readUrl(row: Row, column: Column): string {
  const url = readText(row, column, 2048);
  if (url === "" || /^(https?:\/\/[^/\s]|\/(?!\/))[^\s"<>\\]*$/i.test(url)) return url;
  report(row, column, `${quoted(url)} is not the http or https address of a picture`);
  return "";
}

/** A cell's text for a message: short, on one line, in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
