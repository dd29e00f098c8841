import { isUtf8 } from "node:buffer";

/** The longest line, and the longest record of several lines, that is read: a wrong quote must not swallow a whole file. */
export const longestRecord = 1_000_000;

/** A physical line of a file, its line break included, or why it cannot be read. */
export type Line = TextLine | { number: number; problem: "encoding" | "length" };
export interface TextLine {
  number: number;
  text: string;
}

interface PartialLine {
  number: number;
  pieces: Buffer[];
  size: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Splits bytes into lines at LF, CRLF or CR, numbered from 1, without a byte order mark. Holds one line at a time. */
export async function* physicalLines(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let begun: PartialLine = { number: 1, pieces: [], size: 0 };
  let last = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk);
    const { lines, rest } = split(begun, bytes, last);
    begun = rest;
    last = bytes.at(-1) ?? last;
    yield* lines;
  }
  if (begun.size > 0) yield finish(begun);
}

function split(begun: PartialLine, bytes: Buffer, lastByte: number): { lines: Line[]; rest: PartialLine } {
  const lines: Line[] = [];
  let line = begun;
  let start = 0;
  let previous = lastByte;
  const cut = (end: number) => {
    lines.push(finish(extend(line, bytes.subarray(start, end))));
    line = { number: line.number + 1, pieces: [], size: 0 };
    start = end;
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === newline) cut(at + 1);
    else if (previous === carriageReturn) cut(at);
    previous = byte;
  }
  return { lines, rest: extend(line, bytes.subarray(start)) };
}

function extend(line: PartialLine, piece: Buffer): PartialLine {
  if (piece.length === 0) return line;
  const size = line.size + piece.length;
  if (size > longestRecord) return { number: line.number, pieces: [], size };
  line.pieces.push(piece);
  return { number: line.number, pieces: line.pieces, size };
}

function finish({ number, pieces, size }: PartialLine): Line {
  if (size > longestRecord) return { number, problem: "length" };
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  if (!isUtf8(bytes)) return { number, problem: "encoding" };
  const text = bytes.toString("utf8");
  if (number > 1) return { number, text };
  // UTF-16 without accents is valid UTF-8 as well, only full of NULs.
  return text.includes("\0") ? { number, problem: "encoding" } : { number, text: text.replace(/^\uFEFF/, "") };
}
