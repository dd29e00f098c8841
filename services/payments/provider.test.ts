import { scratchDatabase } from "../../test/support/database.ts";
import { describeProvider } from "../../test/support/payment-provider.suite.ts";
import { sandbox } from "./sandbox/sandbox.ts";

describeProvider("sandbox", async () => {
  const database = await scratchDatabase("payments");
  return {
    provider: sandbox(database.sql),
    tokens: { pays: "tok_ok", isDeclined: "tok_declined", paysInSilence: "tok_timeout_charged", fails: "tok_error" },
    dispose: async () => database[Symbol.asyncDispose](),
  };
});
