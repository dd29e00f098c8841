import { openDataFolder } from "./data-folder.ts";
import type { Answer } from "./data-folder.support.ts";
import { startEmbeddedPostgres } from "./postgres/embedded.ts";

const answer = (what: Answer): unknown => process.stdout.write(`${JSON.stringify(what)}\n`);

// Run by tests as a process of its own: takes the data folder of the first argument, starts PostgreSQL when the second says
// so, tells in one line of JSON how that went, and lives until killed or until its standard input ends.
try {
  const folder = await openDataFolder(process.argv[2] ?? "", { patience: 0 });
  const server = process.argv[3] === "postgres" ? await startEmbeddedPostgres(folder) : undefined;
  answer({ outcome: "running", url: server?.url ?? "", server: server?.pid ?? 0 });
  process.on("SIGINT", () => undefined);
  process.stdin.resume().on("end", () => void server?.stop().then(() => folder.close()));
} catch (error) {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  answer({ outcome: "refused", said });
}
