const INTERVAL = 10_000;

/** Says the first thing of its kind at once, and then at most one every ten seconds with the number of those left out. */
export function sparsely(say: (message: string) => void): (kind: string, message: string) => void {
  const kinds = new Map<string, { saidAt: number; unsaid: number }>();
  return (kind, message) => {
    const now = performance.now();
    const known = kinds.get(kind);
    if (known && now - known.saidAt < INTERVAL) {
      known.unsaid++;
      return;
    }
    kinds.set(kind, { saidAt: now, unsaid: 0 });
    say(known?.unsaid ? `${message} (and ${known.unsaid} more like it)` : message);
  };
}
