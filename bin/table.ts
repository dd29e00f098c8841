/** Lines of a table with aligned columns; numbers of a column stand right when its heading ends with a space. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, at) => Math.max(heading.trim().length, ...rows.map((row) => (row[at] ?? "").length)));
  const isRight = (at: number): boolean => headings[at]!.endsWith(" ");
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (isRight(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  return [line(headings.map((heading) => heading.trim())), ...rows.map(line)];
}
