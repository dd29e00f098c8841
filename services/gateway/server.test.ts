import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import { listen } from "./server.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n";
/** Milliseconds that a connection may be idle, and what Node adds to it. */
const KEEP_ALIVE = 100;
const BUFFER = 1_000;

/** Nothing else happens in this process meanwhile. */
function holdUp(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("a request that came in time is answered, also when the process was held up until the connection's time was over", async () => {
  const server = await listen({ host: "127.0.0.1", port: 0, keepAlive: KEEP_ALIVE }, (_, res) => void res.end("here"));
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1").setEncoding("utf8");
  for (const pause of [0, KEEP_ALIVE + BUFFER + 200]) {
    socket.write(REQUEST);
    holdUp(pause);
    expect(String(await once(socket, "data"))).toMatch(/^HTTP\/1\.1 200 /);
  }
  await once(socket, "end");
  await server.close();
});
