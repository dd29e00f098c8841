import nodemailer from "nodemailer";
import type { Config } from "../../lib/config.ts";
import type { Database } from "../../lib/database.ts";
import type { Log } from "../../lib/log.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { judge, oneLine, type Refusal } from "./model.ts";
import * as store from "./store.ts";
import type { LeasedMail } from "./store.ts";

/** The way out for mails. */
export interface Post {
  /** Sends what is due. Ends early, at the border of a batch, when the service stops. */
  send(stopping: AbortSignal): Promise<void>;
  close(): void;
}

type Choice = Pick<Config, "mode" | "smtpUrl">;

interface Shop {
  readonly db: Database;
  readonly log: Log;
  readonly config: Choice & Pick<Config, "mailFrom" | "shopName">;
}

/** Throws an OperatorError when the mails of a production shop would reach nobody. */
export function requireMailServer({ mode, smtpUrl }: Choice): void {
  if (mode === "production" && !smtpUrl) throw new OperatorError("In production mails need a server to go to: set SMTP_URL.");
}

/** By SMTP where the shop has a mail server, else into a mailbox that the administration can read. */
export function openPost({ db, log, config }: Shop): Post {
  requireMailServer(config);
  return config.smtpUrl
    ? overSmtp({ db, log, config }, config.smtpUrl)
    : { send: () => store.keepInMailbox(db.sql), close: () => {} };
}

const BATCH = 20;
const LEASE = 120_000;

function overSmtp({ db, log, config }: Shop, url: string): Post {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 4,
    // A mail that is lost with its connection comes back to us and keeps its place in our own order of tries.
    maxRequeues: 0,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const deliver = async (mail: LeasedMail): Promise<void> => {
    try {
      await transport.sendMail(envelope(mail, config));
    } catch (error) {
      return refused({ db, log }, mail, error);
    }
    await store.markSent(db.sql, mail);
  };
  return {
    async send(stopping) {
      while (!stopping.aborted) {
        const mails = await store.leaseMails(db.sql, { limit: BATCH, lease: LEASE });
        await Promise.all(mails.map(deliver));
        if (mails.length < BATCH) return;
      }
    },
    close: () => transport.close(),
  };
}

const envelope = ({ id, to, subject, text, html }: LeasedMail, { mailFrom, shopName }: Shop["config"]) => ({
  // The same for every try, so that a mail that arrives twice can be recognised.
  messageId: `<${id}@${mailFrom.split("@")[1]}>`,
  from: { name: oneLine(shopName), address: mailFrom },
  to: { name: "", address: to },
  envelope: { from: mailFrom, to: [to] },
  subject: oneLine(subject),
  text,
  html,
  headers: { "Auto-Submitted": "auto-generated" },
});

async function refused({ db, log }: Pick<Shop, "db" | "log">, mail: LeasedMail, error: unknown): Promise<void> {
  const refusal = refusalOf(error);
  const verdict = judge(refusal, mail.attempts, Math.random());
  const fields = { mail: mail.id, tries: mail.attempts, error: refusal.message };
  if (verdict.is === "retried") log.warn("A mail was not taken; it is tried again", fields);
  else log.error("A mail could not be sent and waits for an operator", fields);
  await store.markRefused(db.sql, mail, refusal, verdict);
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, responseCode } = error as Error & { code?: unknown; responseCode?: unknown };
  return {
    message: error.message,
    ...(typeof code === "string" && { code }),
    ...(typeof responseCode === "number" && { responseCode }),
  };
}
