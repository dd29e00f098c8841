import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Ended, Kept, Launch } from "./keeper-contract.ts";
import type { LogFiles } from "./log-files.ts";
import { Refusal } from "./wire.ts";

interface Own {
  readonly kept: Kept;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

interface Options {
  readonly logs: LogFiles;
  /** The descriptor of the listening socket, for those who serve it. */
  readonly listening: number;
  /** Milliseconds that a node may take to drain before it is killed. */
  readonly drainTime: number;
  readonly onEnd: (ended: Ended) => void;
}

/** The nodes that this process runs. Each has a process group of its own, and ends by itself when this process dies. */
export class Processes {
  readonly #own = new Map<string, Own>();
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  list(): Kept[] {
    return [...this.#own.values()].map(({ kept }) => kept);
  }

  async start({ nodeId, services, version, folder, command, env, listens }: Launch): Promise<Kept> {
    const [program = "", ...args] = command;
    // Its stdin is a leash: it ends when we do.
    const stdio = ["pipe" as const, "pipe" as const, "pipe" as const, ...(listens ? [this.#options.listening] : [])];
    const child = spawn(program, args, { cwd: folder, env, detached: true, stdio });
    await once(child, "spawn");
    child.stdin!.on("error", () => child.stdin!.destroy());
    const kept: Kept = { nodeId, services, version, folder, pid: child.pid ?? 0, startedAt: Date.now() };
    const log = services.length === 1 ? services[0]! : "node";
    this.#options.logs.take(log, child.stdout!);
    this.#options.logs.take(log, child.stderr!);
    this.#own.set(nodeId, { kept, child, ended: this.#watch(kept, child) });
    return kept;
  }

  async #watch(kept: Kept, child: ChildProcess): Promise<void> {
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    this.#own.delete(kept.nodeId);
    this.#options.onEnd({ ...kept, code, signal });
  }

  /** Throws a Refusal when there is no such node. */
  signal(nodeId: string, name: NodeJS.Signals): void {
    const own = this.#own.get(nodeId);
    if (!own) throw new Refusal(`There is no node ${nodeId}.`, "not_found");
    own.child.kill(name);
  }

  /** Lets nodes finish what they have begun, those that listen first. */
  async end(): Promise<void> {
    const all = [...this.#own.values()];
    const isFirst = ({ kept }: Own): boolean => kept.services.includes("gateway");
    await Promise.all(all.filter(isFirst).map((own) => this.#drain(own)));
    await Promise.all(all.filter((own) => !isFirst(own)).map((own) => this.#drain(own)));
  }

  async #drain({ child, ended }: Own): Promise<void> {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), this.#options.drainTime);
    await ended;
    clearTimeout(late);
  }
}
