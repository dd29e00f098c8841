import { CsvError, parse } from "csv-parse/sync";

import { type Line, longestRecord, type TextLine } from "./csv-lines.ts";

/** A record with as many fields as the header (the first record), or what is wrong with it. `line` is where it starts. */
export type CsvRecord = { line: number; fields: string[] } | CsvProblem;
export interface CsvProblem {
  line: number;
  problem: string;
  /** Which field, counted from 0, where that is known. */
  index?: number;
  /** Nothing after this can be read. */
  fatal: boolean;
}

interface Reading {
  /** Lines of the record that is being read: more than one when a quoted field holds line breaks. */
  open: TextLine[];
  size: number;
  columns: number | undefined;
  /** A record with broken quoting, held back until it is known how many lines it spoilt. */
  broken: (CsvProblem & { through: number }) | undefined;
}

const problems = {
  encoding: "this is not UTF-8 text: save the file as CSV UTF-8; nothing from this line on was read",
  length: `this row is longer than ${longestRecord} characters`,
};

/**
 * Reads CSV records. After a record with broken quoting it starts again on the very next line, so a quote that is never
 * closed costs its own line and not the rest of the file.
 */
export async function* csvRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  const reading: Reading = { open: [], size: 0, columns: undefined, broken: undefined };
  for await (const line of lines) {
    const found = "text" in line ? take(reading, line) : unreadable(reading, line.number, line.problem);
    yield* found;
    if (found.some(isFatal)) return;
  }
  yield* closeAll(reading);
}

const isFatal = (record: CsvRecord) => "problem" in record && record.fatal;

function unreadable(reading: Reading, line: number, problem: "encoding" | "length"): CsvRecord[] {
  const fatal = problem === "encoding" || reading.columns === undefined;
  const before = reading.columns === undefined ? [] : closeAll(reading);
  return [...before, { line, problem: problems[problem], fatal }];
}

/** Every line passes here once, and again at most once for each broken record that it was thought to be part of. */
function take(reading: Reading, line: TextLine): CsvRecord[] {
  const found: CsvRecord[] = [];
  const next = [line];
  for (let now = next.pop(); now; now = next.pop()) {
    if (!isComplete(reading, now)) continue;
    for (const again of restart(reading, found).toReversed()) next.push(again);
    if (reading.columns === undefined) break;
  }
  return found;
}

/** Adds a line to the open record. In well-formed CSV a record ends at the line that makes its number of quotes even. */
function isComplete(reading: Reading, { number, text }: TextLine): boolean {
  const isFirst = reading.open.length === 0;
  if (isFirst && text.trim() === "") return false;
  reading.open.push({ number, text });
  reading.size += text.length;
  return hasOddQuotes(text) !== isFirst || reading.size > longestRecord;
}

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

/** Ends the open record, adds what came of it to `found`, and returns the lines to read again. */
function restart(reading: Reading, found: CsvRecord[]): TextLine[] {
  const { open, columns } = reading;
  const [first, ...others] = open as [TextLine, ...TextLine[]];
  const outcome = fieldsOf(open.map(({ text }) => text).join(""), columns);
  reading.open = [];
  reading.size = 0;
  if ("fields" in outcome) {
    reading.columns ??= outcome.fields.length;
    found.push(...settle(reading), { line: first.number, fields: outcome.fields });
    return [];
  }
  const { quoting, ...what } = outcome;
  const problem = { line: first.number, ...what, fatal: columns === undefined };
  if (reading.broken && isContinuation(first.text)) {
    reading.broken.through = first.number;
    return others;
  }
  found.push(...settle(reading));
  if (problem.fatal || !(quoting || others.length > 0)) found.push(problem);
  else reading.broken = { ...problem, through: first.number };
  return problem.fatal ? [] : others;
}

/** What follows a broken row and does not begin like a row of its own is the rest of that row's text. */
const isContinuation = (text: string) => !/^[\p{L}\p{N}._-]+,/u.test(text);

function settle(reading: Reading): CsvRecord[] {
  if (!reading.broken) return [];
  const { through, ...problem } = reading.broken;
  reading.broken = undefined;
  const skipped = through > problem.line ? `; lines ${problem.line} to ${through} were skipped` : "";
  return [{ ...problem, problem: `${problem.problem}${skipped}` }];
}

function closeAll(reading: Reading): CsvRecord[] {
  const found: CsvRecord[] = [];
  while (reading.open.length > 0) {
    for (const line of restart(reading, found)) {
      for (const record of take(reading, line)) found.push(record);
    }
  }
  return [...found, ...settle(reading)];
}

type Outcome = { fields: string[] } | { problem: string; index?: number; quoting: boolean };

function fieldsOf(text: string, columns: number | undefined): Outcome {
  // Most rows of a large file have no quotes, and cost a twentieth without the parser.
  const outcome = text.includes('"') ? parsed(text) : { fields: text.replace(/[\r\n]+$/, "").split(",") };
  if (!("fields" in outcome) || columns === undefined || outcome.fields.length === columns) return outcome;
  const count = outcome.fields.length;
  const problem = `this row has ${count} columns, the header has ${columns}`;
  return { problem, quoting: false, ...(count < columns && { index: count }) };
}

function parsed(text: string): Outcome {
  try {
    const [fields, ...more] = parse(text, {
      max_record_size: 0,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
    });
    return fields && more.length === 0 ? { fields } : { problem: "the quoting of this row is broken", quoting: true };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const unclosed = error.code === "CSV_QUOTE_NOT_CLOSED";
    const problem = unclosed ? "a quote in this row is never closed" : "the quoting of this row is broken";
    const index: unknown = error["index"];
    return { problem, quoting: true, ...(typeof index === "number" && { index }) };
  }
}
