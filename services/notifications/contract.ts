import { z } from "zod";
import { action, page, paging } from "../../lib/contract.ts";

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
