let armed: { readonly name: string; left: number } | undefined;
let seen: Set<string> | undefined;

/** Has the process die by SIGKILL when it reaches the named point for the `nth` time. For tests of crashes only. */
export function armFailpoint(name: string, nth = 1): void {
  armed = { name, left: nth };
}

/** Starts to note which points are reached, so that a test can enumerate them. */
export function recordFailpoints(): void {
  seen = new Set();
}

/** The points that were reached since `recordFailpoints`, in the order of their first time. */
export const failpointsSeen = (): string[] => [...(seen ?? [])];

/** A border between an effect and the record of it, where a crash must do no harm. Does nothing unless armed. */
export function failpoint(name: string): void {
  seen?.add(name);
  if (armed?.name !== name) return;
  armed.left--;
  if (armed.left === 0) process.kill(process.pid, "SIGKILL");
}
