import type { NodeReport } from "../../lib/figures.ts";
import type { ClusterNode, ClusterService } from "./contract.ts";

/** Where a list over all services goes on: for each service that has given some, the id of its last one. */
export type Places = Readonly<Record<string, string>>;

/** Undefined for a cursor that is none of ours. */
export function readCursor(cursor: string | undefined): Places | undefined {
  if (cursor === undefined) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return isPlaces(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isPlaces = (value: unknown): value is Places =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((id) => typeof id === "string");

const writeCursor = (places: Places): string => Buffer.from(JSON.stringify(places)).toString("base64url");

/** What is listed over all services: whose it is, and since when it is there. */
export interface Listed {
  readonly id: string;
  readonly service: string;
  readonly at: string;
}

/** One page out of what the services gave: newest first, and where the next page starts. Each gave its own in that order. */
export function mergePage<T extends Listed>(
  lists: readonly (readonly T[])[],
  from: Places,
  limit: number,
): { data: T[]; nextCursor: string | null } {
  const all = lists.flat().toSorted(byNewest);
  const data = all.slice(0, limit);
  // A service whose list is full may have more.
  const isEnd = all.length <= limit && lists.every((list) => list.length < limit);
  if (isEnd) return { data, nextCursor: null };
  const last = Object.fromEntries(data.map(({ service, id }) => [service, id]));
  return { data, nextCursor: writeCursor({ ...from, ...last }) };
}

const byNewest = (a: Listed, b: Listed): number => {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

/** What a node told, as operators see it. */
export function viewOf({ nodeId, services, figures }: NodeReport): ClusterNode {
  const { pid = null, rss = null, startedAt = null, calls = [], retries = null, breakers, bus = null } = figures ?? {};
  return {
    nodeId,
    services: [...services],
    pid,
    rss,
    startedAt,
    calls: calls.map(({ count: _count, failed: _failed, seconds: _seconds, ...recent }) => recent),
    breakers: breakers?.notClosed ?? [],
    retries: retries && { sent: retries.sent, refused: retries.refused },
    droppedPackets: bus && (bus.unsigned ?? 0) + (bus.forged ?? 0) + (bus.replayed ?? 0),
  };
}

/** Every service of the shop that runs, over all its nodes. */
export function servicesOf(reports: readonly NodeReport[]): ClusterService[] {
  const names = [...new Set(reports.flatMap(({ services }) => services.map(({ name }) => name)))];
  const ofShop = names.filter((name) => name !== "supervisor").toSorted();
  return ofShop.map((name) => {
    const here = reports.filter(({ services }) => services.some((service) => service.name === name));
    const calls = here.flatMap(({ figures }) => figures?.calls.filter(({ service }) => service === name) ?? []);
    const versions = here.flatMap(({ services }) => services.flatMap((one) => (one.name === name && one.version) || []));
    return {
      name,
      nodes: here.length,
      versions: [...new Set(versions)].toSorted(),
      perSecond: sum(calls.map(({ perSecond }) => perSecond)),
      failedPerSecond: sum(calls.map(({ failedPerSecond }) => failedPerSecond)),
      p50Seconds: greatest(calls.map(({ p50Seconds }) => p50Seconds)),
      p99Seconds: greatest(calls.map(({ p99Seconds }) => p99Seconds)),
    };
  });
}

/** Without the dust of binary fractions: rates come in tenths. */
const sum = (values: readonly number[]): number => Math.round(10 * values.reduce((total, value) => total + value, 0)) / 10;

const greatest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null);
