import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Frozen } from "./snapshot.ts";

const Note = z.object({ service: z.string(), version: z.string(), lock: z.string(), madeAt: z.iso.datetime() });

/** One version of one service, frozen for deployment. */
export interface Release extends z.output<typeof Note> {
  /** An absolute path: the root of the release's own source tree. */
  readonly folder: string;
}

const NOTE = "release.json";
/** A name with a dot in front is no version: a release that is being made or removed. */
const UNFINISHED = ".";
const LONGEST_WORK = 3_600_000;

/** The releases of a service, newest first. */
export async function listReleases(folder: string): Promise<Release[]> {
  const names = await readdir(folder).catch(nothing);
  const found = await Promise.all(
    names.filter((name) => !name.startsWith(UNFINISHED)).map((name) => readRelease(join(folder, name))),
  );
  return found.filter((release) => release !== undefined).toSorted((one, other) => (one.madeAt > other.madeAt ? -1 : 1));
}

function nothing(error: NodeJS.ErrnoException): never[] {
  if (error.code === "ENOENT") return [];
  throw new OperatorError(`Cannot read the releases: ${error.message}.`);
}

/** The release in a folder; undefined when there is none. */
export async function readRelease(folder: string): Promise<Release | undefined> {
  try {
    return { ...Note.parse(JSON.parse(await readFile(join(folder, NOTE), "utf8"))), folder };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new OperatorError(`The release in ${folder} is damaged: remove it and release again.`);
  }
}

/** Writes a release down, whole or not at all. What is there already stays as it is. */
export async function writeRelease(folder: string, frozen: Frozen, modules: string): Promise<Release> {
  const { service, version, lock, files } = frozen;
  const target = join(folder, version);
  const work = join(folder, `${UNFINISHED}${version}-${randomBytes(4).toString("hex")}`);
  try {
    for (const part of new Set(files.map(({ path }) => dirname(path)))) await mkdir(join(work, part), { recursive: true });
    // Nobody mends a release by hand: then its name would lie.
    await Promise.all(files.map(({ path, bytes }) => writeFile(join(work, path), bytes, { mode: 0o444 })));
    await symlink(modules, join(work, "node_modules"), "junction");
    const note = { service, version, lock, madeAt: new Date().toISOString() };
    await writeFile(join(work, NOTE), `${JSON.stringify(note, undefined, 2)}\n`);
    await rename(work, target);
    return { ...note, folder: target };
  } catch (error) {
    const other = await readRelease(target);
    if (other) return other;
    throw new OperatorError(`Cannot write the release ${service} ${version}: ${(error as Error).message}.`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lets a release find its packages again when the checkout was moved. */
export async function relink(release: Release, modules: string): Promise<void> {
  const link = join(release.folder, "node_modules");
  const [there, wanted] = await Promise.all([stat(link).catch(() => undefined), stat(modules).catch(() => undefined)]);
  if (there && wanted && there.ino === wanted.ino) return;
  const fresh = `${link}-${randomBytes(4).toString("hex")}`;
  await symlink(modules, fresh, "junction");
  await rename(fresh, link);
}

/** Removes a release; whoever looks meanwhile sees all of it or nothing. */
export async function removeRelease({ folder }: Release): Promise<void> {
  const doomed = join(dirname(folder), `${UNFINISHED}gone-${randomBytes(4).toString("hex")}`);
  await rename(folder, doomed);
  await rm(doomed, { recursive: true, force: true });
}

/** Removes what a crash left unfinished. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(nothing)).filter((name) => name.startsWith(UNFINISHED));
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LONGEST_WORK) await rm(join(folder, name), { recursive: true, force: true });
  }
}
