import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";

/** The value below which `part` percent of the values lie. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((part / 100) * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

/** Milliseconds as text in seconds. */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Prints a table. */
export function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  console.log([line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n"));
}

/** Keeps a run's raw figures as `bench/results/<name>.json`, with the machine they come from. */
export async function save(name: string, figures: object): Promise<void> {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const path = join(folder, `${name}.json`);
  await writeFile(path, `${JSON.stringify({ name, machine, ...figures }, undefined, 2)}\n`);
  console.log(`\nRaw figures: ${path}`);
}
