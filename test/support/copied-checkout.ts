import { cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const LEFT_OUT = new Set(["node_modules", ".git", "data", "docs", "bench"]);

/** A copy of this checkout that a test may change, with the same packages. */
export async function copiedCheckout(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "brickwork-checkout-"));
  for (const name of await readdir(ROOT)) {
    if (!LEFT_OUT.has(name)) await cp(join(ROOT, name), join(path, name), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(path, "node_modules"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
