import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../services/gateway/server.ts";

// A gateway's way of listening and draining, with an answer of its own: which process gave it.
let isClosing = false;
const answer = async (res: ServerResponse): Promise<void> => {
  await sleep(5);
  if (isClosing) res.setHeader("Connection", "close");
  res.end(String(process.pid));
};
const server = await listen({ host: "127.0.0.1", port: 0, listenFd: 3, keepAlive: 1_000 }, (_, res) => void answer(res));
process.stdout.write("ready\n");
process.on("SIGTERM", () => {
  isClosing = true;
  void server.close().then(() => process.exit(0));
});
