import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { z } from "zod";
import { findServices } from "../../lib/node.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { importClosure, type SourceFile, sourceReader } from "./import-closure.ts";

/** The program that runs a service of a release, and what it and `moleculer-runner` start from. */
export const ENTRIES: readonly string[] = ["cluster/node-main.ts", "moleculer.config.ts"];

type Content = Pick<SourceFile, "path" | "bytes">;

/** A service as it is in the working tree at one moment: what is hashed is what is copied. */
export interface Frozen {
  readonly service: string;
  /** The first ten hexadecimal digits of the hash of all files and of the lock file. */
  readonly version: string;
  /** The hash of the lock file alone. */
  readonly lock: string;
  readonly files: readonly Content[];
}

/** One look at a source tree. */
export interface Snapshot {
  readonly services: readonly string[];
  /** Throws an OperatorError for a service that is not there and for an import that leads nowhere. */
  freeze(service: string): Promise<Frozen>;
  /** The hash of the lock file, which says what is in `node_modules`. */
  lock(): Promise<string>;
}

const digest = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash("sha256");
  // The length in front of each part keeps two lists of parts apart that are equal when joined.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex").slice(0, 10);
};

/** Looks at a source tree; files are read as they are needed, and once. */
export function snapshot(root: string, entries: readonly string[] = ENTRIES): Snapshot {
  const read = sourceReader(root);
  const services = findServices(join(root, "services"));
  const rest = Promise.all([packageFile(root), sqlFiles(root, "lib/migrations"), lockFile(root)]);
  // Whoever freezes something hears of it; nobody need do so.
  rest.catch(() => {});
  return {
    services,
    lock: async () => digest((await rest)[2]),
    async freeze(service) {
      if (!services.includes(service)) {
        throw new OperatorError(`There is no service "${service}". The services are ${services.join(", ")}.`);
      }
      const [manifest, kernelTables, lock] = await rest;
      const folder = `services/${service}`;
      const [code, tables] = await Promise.all([
        importClosure(read, [...entries, `${folder}/${service}.service.ts`]),
        sqlFiles(root, `${folder}/migrations`),
      ]);
      const files = [manifest, ...code, ...kernelTables, ...tables];
      const parts = files.flatMap(({ path, bytes }) => [path, bytes]);
      return { service, version: digest(...parts, lock), lock: digest(lock), files };
    },
  };
}

const Manifest = z.object({ name: z.string().optional(), type: z.string().optional(), imports: z.json().optional() });

/** Of package.json only what Node looks at: another script or version of the project makes no other release. */
async function packageFile(root: string): Promise<Content> {
  const manifest = Manifest.parse(JSON.parse((await required(root, "package.json")).toString()));
  return { path: "package.json", bytes: Buffer.from(`${JSON.stringify({ ...manifest, private: true })}\n`) };
}

const lockFile = (root: string): Promise<Buffer> => required(root, "package-lock.json");

async function required(root: string, path: string): Promise<Buffer> {
  return readFile(join(root, path)).catch((error: Error) => {
    throw new OperatorError(`Cannot read ${path}: ${error.message}.`);
  });
}

async function sqlFiles(root: string, folder: string): Promise<Content[]> {
  const names = await readdir(join(root, folder), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new OperatorError(`Cannot read ${folder}: ${error.message}.`);
  });
  const paths = names.filter((name) => name.endsWith(".sql")).map((name) => posix.join(folder, name.replaceAll(sep, "/")));
  return Promise.all(paths.toSorted().map(async (path) => ({ path, bytes: await required(root, path) })));
}
