import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookMessage } from "./provider.ts";

/** Milliseconds that a message's own time may differ from ours, as both specifications advise. */
const TOLERANCE = 300_000;

const hmac = (key: Buffer | string, text: string, body: Buffer): Buffer =>
  createHmac("sha256", key).update(text).update(body).digest();

const isSame = (given: Buffer, wanted: Buffer): boolean => given.length === wanted.length && timingSafeEqual(given, wanted);

/** `seconds` is text of a time in Unix seconds. */
function isTimely(seconds: string, now: number): boolean {
  return /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1_000) <= TOLERANCE;
}

/** The headers of a message that is signed after the Standard Webhooks specification (symmetric, `v1`). */
export function standardHeaders(id: string, body: string, key: Buffer, now: number): Record<string, string> {
  const seconds = String(Math.floor(now / 1_000));
  const signature = hmac(key, `${id}.${seconds}.`, Buffer.from(body)).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

/** Whether one of the message's signatures is right and its time is near: https://www.standardwebhooks.com */
export function isStandardSigned({ body, id, timestamp, signature }: WebhookMessage, key: Buffer, now: number): boolean {
  if (!id || !timestamp || !signature || !isTimely(timestamp, now)) return false;
  const wanted = hmac(key, `${id}.${timestamp}.`, body);
  const given = signature.split(" ").flatMap((each) => (each.startsWith("v1,") ? [Buffer.from(each.slice(3), "base64")] : []));
  return given.some((each) => isSame(each, wanted));
}

/** Whether a `Stripe-Signature` header (`t=…,v1=…`, several while a secret is rolled) is right and its time is near. */
export function isStripeSigned({ body, stripeSignature = "" }: WebhookMessage, secret: string, now: number): boolean {
  const parts = stripeSignature.split(",").map((part) => part.trim().split("=") as [string, string?]);
  const time = parts.find(([name]) => name === "t")?.[1] ?? "";
  if (!isTimely(time, now)) return false;
  const wanted = hmac(secret, `${time}.`, body);
  return parts.some(([name, value = ""]) => name === "v1" && isSame(Buffer.from(value, "hex"), wanted));
}
