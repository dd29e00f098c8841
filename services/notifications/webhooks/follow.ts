import { type Event, type Payload } from "../../../lib/contract.ts";
import { on, type Reaction } from "../../../lib/reactions.ts";
import * as customers from "../../customers/contract.ts";
import * as inventory from "../../inventory/contract.ts";
import * as orders from "../../orders/contract.ts";
import * as payments from "../../payments/contract.ts";
import { WebhookEvent } from "../contract.ts";
import { tellAll } from "./store.ts";

const OFFERED: readonly Event[] = [
  orders.delivered,
  orders.returned,
  payments.captured,
  payments.refunded,
  inventory.ranLow,
  inventory.availabilityChanged,
  customers.registered,
];

/** Notes an event down for the webhooks that have asked for it. */
export const tell = <E extends Event>(event: E, payload: Payload<E>, tx: Parameters<typeof tellAll>[0]): Promise<void> =>
  tellAll(tx, WebhookEvent.parse(event.name), payload as object);

/** Reactions to the events that nobody but webhooks is told of. */
export const others: readonly Reaction[] = OFFERED.map((event) =>
  on(event, (payload, tx) => tell(event, payload as Payload<typeof event>, tx)),
);
