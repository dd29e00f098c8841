import type { ServiceBroker } from "moleculer";

interface Party {
  busy: number;
  readonly idle: PromiseWithResolvers<void>;
}

const parties = new WeakMap<ServiceBroker, Party>();

/** A service of this broker has started. */
export function join(broker: ServiceBroker): void {
  const known = parties.get(broker);
  const party = known && known.busy > 0 ? known : { busy: 0, idle: Promise.withResolvers<void>() };
  party.busy += 1;
  parties.set(broker, party);
}

/**
 * A service of this broker has finished its work. Moleculer stops all services of a node at once, and one may still be
 * called by another that is not done: when the whole node stops, this waits until every one is.
 */
export async function leave(broker: ServiceBroker): Promise<void> {
  const party = parties.get(broker);
  if (!party) return;
  party.busy -= 1;
  if (party.busy === 0) party.idle.resolve();
  if (broker.stopping) await party.idle.promise;
}
