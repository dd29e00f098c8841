import { z } from "zod";
import { action, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";

export const MailId = Id("mail");

/** A mail that left the shop. */
export const Mail = z.object({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  sentAt: z.iso.datetime(),
});

export const findMails = action("notifications.findMails", {
  summary:
    "Mails that were sent, newest first. In production the mailbox is empty: mails go to the SMTP server and are not kept.",
  input: z.object({ to: z.string().max(254).optional(), ...paging }),
  output: page(Mail),
  access: "admin",
  http: "GET /admin/v1/mail",
});

/** What a service has to tell somebody that is not an event: what it says is secret. `link` is a path of the storefront with its token. */
export const Letter = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("password_reset"), link: z.string().max(600) }),
  z.object({ kind: z.literal("verify_email"), link: z.string().max(600) }),
  /** Somebody has tried to open a second account with the address. */
  z.object({ kind: z.literal("account_exists") }),
]);

export const sendLetter = action("notifications.sendLetter", {
  summary: "Sends one mail. The same key again sends nothing.",
  input: z.object({ key: z.string().min(1).max(120), to: z.email().max(254), letter: Letter }),
  output: z.object({}),
  repeat: "keyed",
});

/** A mail that the SMTP server did not take, for good or too often. */
export const FailedMail = z.object({
  id: MailId,
  to: z.string(),
  subject: z.string(),
  attempts: z.int(),
  /** What the server has said last. */
  error: z.string(),
  failedAt: z.iso.datetime(),
});
export type FailedMail = z.output<typeof FailedMail>;

export const findFailedMails = action("notifications.findFailedMails", {
  summary: "Mails that could not be sent and wait for an operator, newest first.",
  input: z.object(paging),
  output: page(FailedMail),
  access: "admin",
  http: "GET /admin/v1/mail/failed",
});

export const retryMail = action("notifications.retryMail", {
  summary: "Has a mail that failed sent again, with all its tries.",
  input: z.object({ id: MailId }),
  output: z.object({}),
  access: "admin",
  http: { route: "POST /admin/v1/mail/:id/retry", faults: ["not_found"] },
});

export const WebhookId = Id("whk");
export const DeliveryId = Id("dlv");

/** The events that a webhook may ask for. */
export const WebhookEvent = z.enum([
  "orders.confirmed",
  "orders.cancelled",
  "orders.shipped",
  "orders.delivered",
  "orders.returned",
  "orders.refunded",
  "payments.captured",
  "payments.refunded",
  "inventory.ranLow",
  "inventory.availabilityChanged",
  "customers.registered",
]);
export type WebhookEvent = z.output<typeof WebhookEvent>;

const Target = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine(
    (url) => !URL.canParse(url) || (!new URL(url).username && !new URL(url).password),
    "must not hold a name or a password",
  );
const Events = z
  .array(WebhookEvent)
  .min(1)
  .max(50)
  .transform((events) => [...new Set(events)]);

/** Where events are told to. Signed after the Standard Webhooks specification (https://www.standardwebhooks.com). */
export const Webhook = z.object({
  id: WebhookId,
  url: z.string(),
  events: z.array(WebhookEvent),
  isActive: z.boolean(),
  createdAt: z.iso.datetime(),
});

/** With the secret that its messages are signed with, which is shown only when it is made or renewed. */
const WebhookWithSecret = Webhook.extend({ secret: z.string() });

/** One event on its way to one webhook. */
export const Delivery = z.object({
  id: DeliveryId,
  webhookId: WebhookId,
  type: z.string(),
  status: z.enum(["due", "delivered", "failed"]),
  attempts: z.int(),
  /** Of the last try; null when nothing was answered. */
  answerStatus: z.int().nullable(),
  error: z.string().nullable(),
  occurredAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Delivery = z.output<typeof Delivery>;

export const findWebhooks = action("notifications.findWebhooks", {
  summary: "The webhooks, newest first.",
  input: z.object(paging),
  output: page(Webhook),
  access: "admin",
  http: "GET /admin/v1/webhooks",
});

export const createWebhook = action("notifications.createWebhook", {
  summary: "Has events told to a URL from now on.",
  input: z.object({ url: Target, events: Events }),
  output: WebhookWithSecret,
  access: "admin",
  http: { route: "POST /admin/v1/webhooks", status: 201, keepsKey: true },
});

export const changeWebhook = action("notifications.changeWebhook", {
  summary: "Changes where or what is told; an inactive one is told nothing.",
  input: z.object({ id: WebhookId, url: Target.optional(), events: Events.optional(), isActive: z.boolean().optional() }),
  output: Webhook,
  access: "admin",
  http: { route: "PATCH /admin/v1/webhooks/:id", faults: ["not_found"] },
});

export const removeWebhook = action("notifications.removeWebhook", {
  summary: "Removes a webhook and the log of its deliveries.",
  input: z.object({ id: WebhookId }),
  output: z.object({}),
  access: "admin",
  http: { route: "DELETE /admin/v1/webhooks/:id", faults: ["not_found"] },
});

export const renewSecret = action("notifications.renewSecret", {
  summary: "Makes a new secret. For a day messages carry both signatures, so that the receiver can change over.",
  input: z.object({ id: WebhookId }),
  output: WebhookWithSecret,
  access: "admin",
  http: { route: "POST /admin/v1/webhooks/:id/secret", keepsKey: true, faults: ["not_found"] },
});

export const findDeliveries = action("notifications.findDeliveries", {
  summary: "What was told to a webhook, newest first.",
  input: z.object({ id: WebhookId, status: Delivery.shape.status.optional(), ...paging }),
  output: page(Delivery),
  access: "admin",
  http: { route: "GET /admin/v1/webhooks/:id/deliveries", faults: ["not_found"] },
});

export const redriveDelivery = action("notifications.redriveDelivery", {
  summary: "Tells an event again, with all its tries, whether it had arrived or not.",
  input: z.object({ id: DeliveryId }),
  output: Delivery,
  access: "admin",
  http: { route: "POST /admin/v1/webhook-deliveries/:id/redrive", faults: ["not_found"] },
});
