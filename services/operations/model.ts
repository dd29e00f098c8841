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
