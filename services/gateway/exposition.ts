import { BOUNDS, type Histogram } from "./histogram.ts";

type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels?: Labels;
  /** Null where it is not known: then there is no sample. */
  readonly value: number | null;
}

/** One metric in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats). */
export function metric(type: "gauge" | "counter", name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(({ labels, value }) => (value === null ? [] : [`${name}${inBraces(labels)} ${value}`]));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

/** One histogram in the same format. */
export function histogram(name: string, help: string, series: readonly { labels: Labels; of: Histogram }[]): string {
  const lines = series.flatMap(({ labels, of }) => [
    ...BOUNDS.map((le, at) => `${name}_bucket${inBraces({ ...labels, le })} ${of.counts[at]}`),
    `${name}_bucket${inBraces({ ...labels, le: "+Inf" })} ${of.count}`,
    `${name}_sum${inBraces(labels)} ${of.sum}`,
    `${name}_count${inBraces(labels)} ${of.count}`,
  ]);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ""].join("\n");
}

interface Summary {
  readonly labels: Labels;
  readonly count: number;
  readonly sum: number;
  /** Null where there was nothing to tell it from. */
  readonly quantiles: Readonly<Record<string, number | null>>;
}

/** One summary in the same format. */
export function summary(name: string, help: string, series: readonly Summary[]): string {
  const lines = series.flatMap(({ labels, count, sum, quantiles }) => [
    ...Object.entries(quantiles).flatMap(([quantile, value]) =>
      value === null ? [] : [`${name}${inBraces({ ...labels, quantile })} ${value}`],
    ),
    `${name}_sum${inBraces(labels)} ${sum}`,
    `${name}_count${inBraces(labels)} ${count}`,
  ]);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} summary`, ...lines, ""].join("\n");
}

function inBraces(labels: Labels = {}): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return all.length === 0 ? "" : `{${all.join(",")}}`;
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
