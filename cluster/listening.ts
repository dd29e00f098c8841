import { lookup } from "node:dns/promises";
import { BoundSocket } from "node:net";
import { OperatorError } from "../lib/operator-error.ts";

/**
 * The gateway's address, held by whoever has this: bound, and never accepted from. A gateway that inherits the descriptor
 * listens on it, and from then on connections wait in the socket's own queue while one gateway takes over from another.
 */
export interface Listening {
  readonly fd: number;
  readonly url: string;
  close(): void;
}

/** Takes an address. Throws an OperatorError when it cannot be had. */
export async function holdAddress(host: string, port: number): Promise<Listening> {
  if (typeof BoundSocket !== "function")
    throw new OperatorError(`Node ${process.version} cannot hold a listening socket: run \`npm ci\`, which brings one that can.`);
  const { address, family } = await lookup(host).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`There is no address ${host}: ${error.code ?? error.message}. Set HOST to one of this machine.`);
  });
  const socket = bind(address, port);
  const bound = socket.address() as { port: number };
  const name = address === "0.0.0.0" || address === "::" ? "localhost" : family === 6 ? `[${address}]` : address;
  return { fd: socket.fd(), url: `http://${name}:${bound.port}`, close: () => socket.close() };
}

function bind(host: string, port: number): BoundSocket {
  try {
    return new BoundSocket({ host, port });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new OperatorError(`Port ${port} is taken: stop what uses it or choose another one with --port.`);
    if (code === "EACCES")
      throw new OperatorError(`Port ${port} may not be used by this user: choose one above 1023 with --port.`);
    throw new OperatorError(`Cannot listen on ${host}:${port}: ${code || (error as Error).message}.`);
  }
}
