import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A TCP proxy that does to its connections what networks do. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections were asked for since the start. */
  readonly asked: number;
  /** How many are open. */
  readonly open: number;
  /** Resets all connections. New ones are accepted. */
  cut(): void;
  /** Resets each new connection for which `which` is true; it is given its number since the start, from 1. */
  refuse(which: (number: number) => boolean): void;
  /** Holds every chunk back for so many milliseconds, in both directions. */
  delay(milliseconds: number): void;
  /** Lets nothing through, and closes nothing: a network that has gone. `false` ends it for new connections; old ones stay lost. */
  swallow(isOn: boolean): void;
}

/** Starts a proxy in front of a port of this machine. */
export async function startProxy(target: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let asked = 0;
  let refused: (number: number) => boolean = () => false;
  let latency = 0;
  let isSwallowing = false;

  const pass = async (chunk: Buffer, to: Socket) => {
    if (latency > 0) await pause(latency);
    if (!to.destroyed) to.write(chunk);
  };
  const join = (from: Socket, to: Socket) => {
    let isLost = false;
    from.on("data", (chunk: Buffer) => {
      isLost ||= isSwallowing;
      if (!isLost) void pass(chunk, to);
    });
    // What was lost on the way stays lost, and so does the end of the connection.
    from.on("close", () => isLost || isSwallowing || to.destroy());
    from.on("error", () => from.destroy());
  };
  const server = createServer((client) => {
    asked++;
    if (refused(asked)) return void client.resetAndDestroy();
    const upstream = connect(target, "127.0.0.1").setNoDelay(true);
    const pair = [client.setNoDelay(true), upstream] as const;
    pairs.add(pair);
    client.on("close", () => pairs.delete(pair));
    join(client, upstream);
    join(upstream, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get asked() {
      return asked;
    },
    get open() {
      return pairs.size;
    },
    cut,
    refuse: (which) => (refused = which),
    delay: (milliseconds) => (latency = milliseconds),
    swallow: (isOn) => (isSwallowing = isOn),
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
