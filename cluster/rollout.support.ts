import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../test/support/eventually.ts";
import { type NodeView, ps } from "./contract.ts";
import { callRunning, reach } from "./control.ts";

const LOOK_EVERY = 50;

/** Changes a file of a copied checkout until the end of a test. */
export async function change(root: string, path: string, edit: (text: string) => string): Promise<AsyncDisposable> {
  const file = join(root, path);
  const before = await readFile(file, "utf8");
  const after = edit(before);
  if (after === before) throw new Error(`nothing was changed in ${path}`);
  await writeFile(file, after);
  return { [Symbol.asyncDispose]: () => writeFile(file, before) };
}

/** A change that changes nothing. */
export const harmless = (text: string): string => `${text}\n// Changed.\n`;

export const of = (nodes: readonly NodeView[], service: string): NodeView[] =>
  nodes.filter(({ services }) => services.includes(service));
export const idsOf = (nodes: readonly NodeView[]): string[] => nodes.map(({ nodeId }) => nodeId).toSorted();
export const versionsOf = (nodes: readonly NodeView[]): string[] => nodes.map(({ version }) => version);

/** Asks the supervisor without the cost of a command line. */
async function asking<T>(data: string, work: (nodes: () => Promise<NodeView[]>) => Promise<T>): Promise<T> {
  const wire = await reach(data);
  try {
    return await work(async () => (await callRunning<{ nodes: NodeView[] }>(wire, ps.name)).nodes);
  } finally {
    wire.close();
  }
}

/** Waits until so many nodes of a service are ready. */
export const readyNodes = (data: string, service: string, count: number): Promise<void> =>
  asking(data, (nodes) =>
    eventually(async () => {
      const ready = of(await nodes(), service).filter((node) => node.ready);
      if (ready.length !== count) throw new Error(`${ready.length} of ${count} nodes of ${service} are ready`);
    }, 60_000),
  );

/** Looks again and again at how many nodes of a service are ready, until it is told to stop; answers all that it has seen. */
export function watchNodes(data: string, service: string): { stop(): Promise<Set<number>> } {
  const end = new AbortController();
  const looking = asking(data, async (nodes) => {
    const seen = new Set<number>();
    for (; !end.signal.aborted; await pause(LOOK_EVERY)) {
      seen.add(of(await nodes(), service).filter(({ ready }) => ready).length);
    }
    return seen;
  });
  return {
    stop() {
      end.abort();
      return looking;
    },
  };
}
