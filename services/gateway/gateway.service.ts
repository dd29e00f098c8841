import type { Service, ServiceSchema } from "moleculer";
import { environmentOf } from "../../lib/environment.ts";
import { findServices } from "../../lib/node.ts";
import { service } from "../../lib/service.ts";
import { Gateway } from "./gateway.ts";
import { web } from "./web.ts";

const gateways = new WeakMap<Service, Gateway>();

/** The gateway of a shop that is made of these services. It offers nothing on the bus: its contract is HTTP. */
export const gatewayFor = (needs: readonly string[]): ServiceSchema => ({
  name: "gateway",
  mixins: [service("gateway", {}, () => ({ actions: {} })), web],
  events: {
    "$services.changed"(this: Service) {
      gateways.get(this)?.changed();
    },
  },
  async started(this: Service) {
    const environment = await environmentOf(this.broker);
    const shop = environment.config.shopServices?.filter((name) => name !== "gateway");
    const gateway = new Gateway({ self: this, environment, needs: shop ?? needs });
    gateways.set(this, gateway);
    this.metadata.url = await gateway.open(environment);
  },
  async stopped(this: Service) {
    await gateways.get(this)?.close();
    gateways.delete(this);
  },
});

export default gatewayFor(findServices().filter((name) => name !== "gateway"));
