import { Transporters } from "moleculer";

/** The part of a transporter that Redis has no use for: all subscriptions are made at once, and pub/sub has no queues to share. */
export abstract class Unbalanced extends Transporters.Base {
  override subscribe(): Promise<void> {
    return Promise.resolve();
  }

  override subscribeBalancedRequest(): Promise<void> {
    return Promise.resolve();
  }

  override subscribeBalancedEvent(): Promise<void> {
    return Promise.resolve();
  }

  /** What `$node.options` shows of a transporter to every other node. */
  toJSON(): object {
    return { type: this.constructor.name };
  }
}
