import { hash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { service } from "../../lib/service.ts";
import { identifyKey } from "../operations/contract.ts";

type Known = Extract<Output<typeof identifyKey>, { outcome: "known" }>;

/** Stands in for operations where it is about keys: knows those that were made here and not revoked. */
export function keyRing() {
  const keys = new Map<string, Known>();
  const asked: string[] = [];
  let gate: Promise<void> | undefined;
  const schema = service(
    "operations",
    { identifyKey },
    () => ({
      actions: {
        identifyKey: async ({ digest }) => {
          asked.push(digest);
          await gate;
          return keys.get(digest) ?? { outcome: "unknown" };
        },
      },
    }),
    // Without migrations, and so without a database.
    { folder: join(tmpdir(), "no-migrations") },
  );
  return {
    schema,
    /** The digests that were asked for. */
    asked,
    /** Makes a key that may do this. */
    make(...scopes: string[]): string {
      const key = newId("secret");
      keys.set(hash("sha256", key), { outcome: "known", id: newId("key"), scopes });
      return key;
    },
    /** Has everybody wait who asks from now on. The answer lets them go on. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    revoke: (key: string) => void keys.delete(hash("sha256", key)),
  };
}
