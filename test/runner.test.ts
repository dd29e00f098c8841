import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { dropNamespace, scratchNamespace, serverUrl } from "./support/database.ts";

const ROOT = join(import.meta.dirname, "..");

test("a service is an ordinary Moleculer service: moleculer-runner starts it with our configuration", async () => {
  const namespace = scratchNamespace();
  const secret = "s".repeat(40);
  const runner = spawn(
    process.execPath,
    [
      "node_modules/moleculer/bin/moleculer-runner.js",
      "--config",
      "moleculer.config.ts",
      "services/shipping/shipping.service.ts",
    ],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        DATABASE_URL: serverUrl(),
        BRICKWORK_NAMESPACE: namespace,
        SHOP_SECRET: secret,
        ADMIN_KEY: secret,
        LOG_LEVEL: "info",
      },
    },
  );
  const said: string[] = [];
  for (const stream of [runner.stdout, runner.stderr]) stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  try {
    while (!said.join("").includes("started successfully")) {
      if (runner.exitCode !== null) throw new Error(`moleculer-runner ended: ${said.join("")}`);
      await once(runner.stdout, "data");
    }
    expect(said.join("")).toContain("shipping");
  } finally {
    const ended = once(runner, "exit");
    runner.kill("SIGTERM");
    await ended;
    await dropNamespace(namespace);
  }
});
