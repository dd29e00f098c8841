/** Which services get which secret, and no other does. */
export const SECRETS = {
  ADMIN_KEY: ["gateway"],
  /** Order tokens, customers' sessions, administration keys and the secrets of webhooks are made from it. */
  SHOP_SECRET: ["customers", "notifications", "operations", "orders", "payments"],
  SMTP_URL: ["notifications"],
  STRIPE_SECRET_KEY: ["payments"],
  STRIPE_WEBHOOK_SECRET: ["payments"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Secret = keyof typeof SECRETS;

/** Whether one of these services gets a secret. */
export const getsSecret = (services: readonly string[], secret: Secret): boolean =>
  SECRETS[secret].some((service: string) => services.includes(service));
