interface Page<T> {
  data: T[];
  meta: { limit: number; nextCursor: string | null };
}

/** One page out of up to `limit` + 1 rows: the one too many says that there is another page. */
export function pageOf<T>(found: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, meta: { limit, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null } };
}
