import { type CallingOptions, type Context, type Endpoint, type Middleware, type ServiceBroker, Strategies } from "moleculer";

/** A calling option: the node that has just failed this call. */
export interface Avoiding extends CallingOptions {
  readonly avoid?: string;
}

const counts = new WeakMap<ServiceBroker, Map<string, number>>();

/** Calls that this broker has sent and that are not answered yet, by node. */
function pendingOf(broker: ServiceBroker): Map<string, number> {
  const known = counts.get(broker);
  if (known) return known;
  const fresh = new Map<string, number>();
  counts.set(broker, fresh);
  return fresh;
}

/**
 * Sends a call to the node that owes this one the fewest answers; equals take turns by chance. A slow or hanging node
 * owes many and so gets fewer. There are few nodes and the figures are the broker's own and never stale, so all are looked
 * at: choosing the better of two at random is for many nodes and old figures.
 */
export class LeastPending extends Strategies.Base {
  select(list: Endpoint[], ctx?: Context): Endpoint {
    const pending = pendingOf(this.broker);
    const avoided = ctx && (ctx.options as Avoiding).avoid;
    const owed = ({ id }: Endpoint) => (id === avoided ? Infinity : (pending.get(id) ?? 0));
    const least = Math.min(...list.map(owed));
    const equals = list.filter((endpoint) => owed(endpoint) === least);
    return equals[Math.floor(Math.random() * equals.length)]!;
  }
}

/** Counts what `LeastPending` looks at. */
export const countPending = (broker: ServiceBroker): Middleware => {
  const pending = pendingOf(broker);
  return {
    name: "CountPending",
    remoteAction: (next) => (ctx: Context) => {
      const node = ctx.nodeID ?? "";
      pending.set(node, (pending.get(node) ?? 0) + 1);
      return (next as (ctx: Context) => Promise<unknown>)(ctx).finally(() => {
        const left = (pending.get(node) ?? 1) - 1;
        if (left > 0) pending.set(node, left);
        else pending.delete(node);
      });
    },
  };
};
