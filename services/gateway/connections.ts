import type { Socket } from "node:net";

/**
 * Which connections shall end with their next answer. Clients keep connections, so a second gateway would get nothing to do
 * while the first one lives: when another one comes, everybody who is here is sent away once, and comes back to either.
 */
export class Connections {
  #others: ReadonlySet<string> = new Set();
  #round = 0;
  readonly #roundOf = new WeakMap<Socket, number>();

  /** The other gateways that there are now. */
  learn(others: readonly string[]): void {
    if (others.some((id) => !this.#others.has(id))) this.#round++;
    this.#others = new Set(others);
  }

  /** A request came over it. */
  use(socket: Socket): void {
    if (!this.#roundOf.has(socket)) this.#roundOf.set(socket, this.#round);
  }

  isToEnd(socket: Socket): boolean {
    return this.#roundOf.get(socket) !== this.#round;
  }
}
