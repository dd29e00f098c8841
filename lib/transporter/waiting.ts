import type { Transit } from "moleculer";
import type { BusCounters } from "./counters.ts";
import { LostAnswerError, type Where } from "./errors.ts";

/** This node's calls that wait for an answer of another one. Moleculer keeps them; here they end early. */
export interface WaitingCalls {
  /** The nodes that are waited for. */
  nodes(): Set<string>;
  /** Ends the call of one request, if it still waits. */
  fail(id: string | undefined, errorAt: (where: Where) => Error): void;
  /** Ends all calls, or those to one node, as possibly executed. */
  lose(why: string, node?: string): void;
}

/** `transitOf` is asked late, since a transporter is made before its transit. */
export function waitingCalls(transitOf: () => Transit, counters: BusCounters): WaitingCalls {
  const nodes = () => new Set([...transitOf().pendingRequests.values()].map(({ nodeID }) => nodeID));
  return {
    nodes,
    fail(id, errorAt) {
      const waiting = id === undefined ? undefined : transitOf().pendingRequests.get(id);
      if (!waiting) return;
      const error = errorAt(whereOf(waiting));
      if (error instanceof LostAnswerError) counters.lostAnswers++;
      transitOf().removePendingRequest(waiting.ctx.id);
      waiting.reject(error);
      waiting.ctx.options.stream?.destroy(error);
    },
    lose(why, node) {
      for (const waiting of transitOf().pendingRequests.values()) {
        if (node !== undefined && waiting.nodeID !== node) continue;
        counters.lostAnswers++;
        waiting.reject(new LostAnswerError(whereOf(waiting), why));
      }
      // This rejects once more, which does nothing, and ends the streams from and to those nodes.
      for (const each of node === undefined ? nodes() : [node]) transitOf().removePendingRequestByNodeID(each);
    },
  };
}

const whereOf = ({ ctx, nodeID }: Transit.TransitRequest): Where => ({ action: ctx.action?.name ?? "", nodeID });
