import type { ServiceBroker } from "moleculer";
import { Address } from "./contract.ts";

/** Where the gateway can be reached, as seen from any node; undefined while there is none. */
export function gatewayUrl(broker: ServiceBroker): string | undefined {
  const gateway = broker.registry.getServiceList({ onlyAvailable: true }).find(({ name }) => name === "gateway");
  return Address.safeParse(gateway?.metadata).data?.url;
}
