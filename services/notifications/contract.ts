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
