/**
 * What a row of Shopify's CSV said that is kept nowhere else, by column, so that an export loses nothing: the text of a column that
 * means nothing here, or [text, reading] where the text says the same as what is kept ("5" and "5.00") in other words. Null: the
 * row said nothing.
 */
export type Cells = Readonly<Record<string, string | readonly [text: string, reading: string] | null>>;

/** The texts of columns by name. */
export type Texts = Readonly<Record<string, string>>;

interface Cell {
  readonly column: string;
  readonly text: string;
}

/** Notes what `cells` say beyond `readings`: what a column that is understood was read as. */
export function noteCells(cells: readonly Cell[], readings: Texts): Cells {
  const noted = cells.map(({ column, text }): [string, Cells[string]] => {
    if (!Object.hasOwn(readings, column)) return [column, text === "" ? null : text];
    return [column, text === readings[column] ? null : [text, readings[column]!]];
  });
  return Object.fromEntries(noted);
}

/** What was noted before, with what is noted now: the newer word counts. */
export const mergeCells = (before: Cells, now: Cells): Cells =>
  Object.fromEntries(Object.entries({ ...before, ...now }).filter(([, cell]) => cell !== null));

/** The texts to write: those that were noted, where what they stand for is still what is kept. */
export function textsOf(cells: Cells, readings: Texts): Texts {
  const noted = Object.entries(cells).flatMap(([column, cell]): [string, string][] => {
    if (typeof cell === "string") return [[column, cell]];
    return cell && cell[1] === readings[column] ? [[column, cell[0]]] : [];
  });
  return { ...readings, ...Object.fromEntries(noted) };
}

/** The columns that mean nothing here, with their texts. */
export const extraOf = (cells: Cells): Texts =>
  Object.fromEntries(Object.entries(cells).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
