/** Which services get which secret, and no other does. */
export const SECRETS = {
  ADMIN_KEY: ["gateway"],
  /** Order tokens and customers' sessions are made from it. */
  SHOP_SECRET: ["orders", "customers"],
  SMTP_URL: ["notifications"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Secret = keyof typeof SECRETS;

/** Whether one of these services gets a secret. */
export const getsSecret = (services: readonly string[], secret: Secret): boolean =>
  SECRETS[secret].some((service: string) => services.includes(service));
