import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { service } from "../../lib/service.ts";
import { hardenedRedis } from "../../lib/transporter.ts";
import { quietConfig, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { eventually } from "../../test/support/eventually.ts";
import { someRedis } from "../../test/support/redis.ts";
import { gatewayUrl } from "./address.ts";
import { gatewayFor } from "./gateway.service.ts";
import { ask } from "./gateway.support.ts";

const anybody = { input: z.object({}), output: z.object({ by: z.string() }), access: "public" as const };
const desk = {
  look: action("desk.look", { ...anybody, summary: "Looks.", http: "GET /store/v1/desk" }),
  book: action("desk.book", { ...anybody, summary: "Books.", repeat: "keyed", http: "POST /store/v1/bookings" }),
  shout: action("desk.shout", { ...anybody, summary: "Shouts.", http: "POST /store/v1/shouts" }),
};

const deskBy = (by: string) => {
  const answer = async () => ({ by });
  return service("desk", desk, () => ({ actions: { look: answer, book: answer, shout: answer } }), { folder: "/nowhere" });
};

test("requests that come while a service's only node is replaced wait for the next one, unless they must not be repeated", async () => {
  await using redis = await someRedis();
  const onBus = () => ({ transporter: hardenedRedis({ url: redis.url, key: "a key of at least thirty-two characters" }) });
  await using cluster = await startCluster({}, { config: quietConfig({ port: 0, keepAlive: 200 }) });
  const first = await cluster.add("first", [deskBy("first")], onBus());
  const gateway = await cluster.add("gateway", [gatewayFor(["desk"])], onBus());
  const url = gatewayUrl(gateway)!;
  const look = () => ask(`${url}/store/v1/desk`);
  const send = (path: string) => ask(`${url}/store/v1/${path}`, { method: "POST", headers: { "idempotency-key": randomUUID() } });
  await eventually(async () => expect((await look()).json.by).toBe("first"));

  await cluster.stop(first);
  await eventually(() => expect(gateway.registry.actions.isAvailable(desk.look.name)).toBe(false));
  const waiting = [look(), look(), send("bookings"), send("bookings")];
  const refused = await send("shouts");
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "2"]);
  await cluster.add("next", [deskBy("next")], onBus());
  expect((await Promise.all(waiting)).map(({ status, json }) => [status, json.by])).toEqual(waiting.map(() => [200, "next"]));
});
