import type { Config } from "../../lib/config.ts";
import { openDatabase } from "../../lib/database.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { money } from "../../lib/money.ts";
import { provision } from "../../lib/provision.ts";
import { aConfirmedOrder, confirm, confirmingOrders } from "../../test/support/confirming-orders.ts";
import { startNodes } from "../../test/support/nodes.ts";
import * as payments from "./contract.ts";
import { sandbox } from "./sandbox/sandbox.ts";

export const price = money(4_200, "EUR");
export const kernel = kernelContract("payments");

/** The payments service, with words for what the tests do. Each test has an order of its own. */
export async function startShop(config: Partial<Config> = {}) {
  const nodes = await startNodes({ services: ["payments"], schemas: [confirmingOrders()], config });
  const database = openDatabase(await provision(nodes.environment.config, "payments"), { service: "test", poolSize: 2 });
  return {
    ...nodes,
    /** The sandbox as its other clients meet it: over connections that are not the service's. */
    provider: sandbox({ sql: database.sql, webhookKey: nodes.environment.deriveKey("sandbox webhooks") }),
    database,
    forOrder: (orderId = newId("ord")) => ({
      orderId,
      pay: (token = "tok_ok", amount = price) =>
        nodes.call(payments.authorize, { orderId, amount, payment: { method: "card", token } }),
      cancel: () => nodes.call(payments.voidAuthorization, { orderId }),
      take: (amount: number, captureId = newId("cap"), currency = "EUR") =>
        nodes.call(payments.capture, { orderId, captureId, amount: money(amount, currency) }),
      giveSome: (amount: number, refundId = newId("rfd")) =>
        nodes.call(payments.refund, { orderId, refundId, amount: money(amount, "EUR"), reason: "goodwill" }),
      giveBack: (refundId = idFor("rfd", orderId)) =>
        nodes.call(payments.giveBack, { orderId, refundId, reason: "cancelled by the shop" }),
      payment: () => nodes.call(payments.getPayment, { orderId }),
      journal: async () => (await nodes.call(payments.findJournal, { orderId, limit: 100 })).data,
      confirm: () => nodes.call(confirm, aConfirmedOrder({ orderId })),
      ledger: async () =>
        (await nodes.call(payments.findLedgerEntries, { orderId })).data.map(({ type, amount }) => [type, amount]),
      async announced() {
        const { events } = await nodes.call(kernel.feed, { after: 0 });
        return events.filter(({ key }) => key === orderId).map(({ type, payload }) => ({ type, ...payload }));
      },
      async capture() {
        const { sagas } = await nodes.call(kernel.sagas, {});
        const all = await Promise.all(sagas.map(({ id }) => nodes.call(kernel.readSaga, { id })));
        return all.find(({ saga }) => isAbout(saga?.state, orderId))?.saga;
      },
    }),
    async [Symbol.asyncDispose]() {
      await database.close();
      await nodes[Symbol.asyncDispose]();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof startShop>>;

const isAbout = (state: unknown, orderId: string): boolean =>
  typeof state === "object" && state !== null && "orderId" in state && state.orderId === orderId;
