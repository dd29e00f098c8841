import type { Saga } from "./contract.ts";

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

/** One page out of what the services gave: newest first, and where the next page starts. Each gave its own in that order. */
export function mergePage(
  lists: readonly (readonly Saga[])[],
  from: Places,
  limit: number,
): { data: Saga[]; nextCursor: string | null } {
  const all = lists.flat().toSorted(byNewest);
  const data = all.slice(0, limit);
  // A service whose list is full may have more.
  const isEnd = all.length <= limit && lists.every((list) => list.length < limit);
  if (isEnd) return { data, nextCursor: null };
  const last = Object.fromEntries(data.map(({ service, id }) => [service, id]));
  return { data, nextCursor: writeCursor({ ...from, ...last }) };
}

const byNewest = (a: Saga, b: Saga): number => {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};
