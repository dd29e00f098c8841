import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { OperatorError } from "../../lib/operator-error.ts";

/** A file of a source tree. Paths are relative to the tree's root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** The files that it loads by a relative path. */
  readonly imports: readonly string[];
}

/** Reads a file of the tree, once however often it is asked for. Undefined when there is none. */
export type ReadSource = (path: string) => Promise<SourceFile | undefined>;

export function sourceReader(root: string): ReadSource {
  const known = new Map<string, Promise<SourceFile | undefined>>();
  return (path) => {
    const found = known.get(path) ?? readSource(root, path);
    known.set(path, found);
    return found;
  };
}

async function readSource(root: string, path: string): Promise<SourceFile | undefined> {
  try {
    const bytes = await readFile(join(root, path));
    return { path, bytes, imports: /\.[cm]?[jt]s$/.test(path) ? importsOf(path, bytes.toString()) : [] };
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new OperatorError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
}

/** All files that the entries load, and what those load, sorted. Throws an OperatorError that names a file which is missing. */
export async function importClosure(read: ReadSource, entries: readonly string[]): Promise<SourceFile[]> {
  const found = new Map<string, SourceFile>();
  let round = entries.map((path) => ({ path, from: "" }));
  while (round.length > 0) {
    const files = await Promise.all(round.map(async ({ path, from }) => (await read(path)) ?? missing(path, from)));
    for (const file of files) found.set(file.path, file);
    const next = new Map(files.flatMap(({ path: from, imports }) => imports.map((path) => [path, { path, from }])));
    round = [...next.values()].filter(({ path }) => !found.has(path));
  }
  return [...found.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function missing(path: string, from: string): never {
  if (path.startsWith("../")) throw new OperatorError(`${from} imports ${path}, which is outside of the source tree.`);
  throw new OperatorError(from ? `${from} imports ${path}, which is not there.` : `There is no file ${path}.`);
}

// What Node's type stripping leaves of a module: `import type` and `export type` are gone, all other imports stay. Statements
// begin a line or follow a semicolon; a test compares this with what TypeScript's parser finds in every file there is.
const STATIC =
  /(?:^|;)[^\S\n]*(?:import|export)\b(?!\s+type\b(?!\s+from\b))(?:[^"'`;()]*?\bfrom)?\s*["'](\.{1,2}\/[^"'\n]+)["']/gm;
const DYNAMIC = /\bimport\(\s*["'](\.{1,2}\/[^"'\n]+)["']|\bnew URL\(\s*["'](\.{1,2}\/[^"'\n]+)["'],\s*import\.meta\.url/g;

/** The files that a module loads by a relative path written out in it. */
export function importsOf(path: string, text: string): string[] {
  const folder = posix.dirname(path);
  const written = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, first, second]) => (first ?? second)!);
  return [...new Set(written.map((specifier) => posix.join(folder, specifier)))];
}
