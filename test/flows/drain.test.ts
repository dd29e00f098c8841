import { expect, test } from "@jest/globals";
import { actionsOf } from "../../lib/handling.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { findServices } from "../../lib/node.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { quietConfig } from "../support/cluster-of-brokers.ts";

test("a node that stops waits for longer than any call to one of its services may take", async () => {
  const contracts = await Promise.all(
    findServices().map(async (name) => (await import(`../../services/${name}/contract.ts`)) as object),
  );
  const longest = Math.max(
    ...[...contracts, kernelContract("any")].flatMap((contract) =>
      Object.values(actionsOf(contract)).map(({ timeout }) => timeout),
    ),
  );
  expect(longest).toBeGreaterThan(5_000);
  expect(brokerOptions(quietConfig()).tracking?.shutdownTimeout).toBeGreaterThan(longest);
});
