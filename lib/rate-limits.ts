import { z } from "zod";

/** By what a client's requests are counted, and how many of each it may make a minute where the operator says nothing else. */
export const RATE_LIMITS = {
  /** Tries to get in: passwords and the letters that replace them. */
  login: 20,
  checkout: 60,
  /** Of the catalogue. */
  search: 600,
  other: 3_000,
} as const satisfies Record<string, number>;

export type RateLimit = keyof typeof RATE_LIMITS;

/** All of them. */
export const RATE_LIMIT_NAMES = Object.keys(RATE_LIMITS) as RateLimit[];

/** The limits as `RATE_LIMITS` would say them. */
export const RATE_LIMITS_EXAMPLE = Object.entries(RATE_LIMITS)
  .map(([name, number]) => `${name}=${number}`)
  .join(",");

const isLimit = (text: string): boolean => {
  const [name = "", number = ""] = text.split("=");
  return (RATE_LIMIT_NAMES as string[]).includes(name) && /^[1-9]\d{0,8}$/.test(number);
};

/** `off`, or some limits: `login=5,search=100`. Those that are not named stay as they are. */
export const RateLimitsText = z
  .string()
  .refine(
    (text) => text === "off" || text.split(",").every(isLimit),
    `must be off, or requests a minute such as ${RATE_LIMITS_EXAMPLE}`,
  )
  .transform((text): "off" | Partial<Record<RateLimit, number>> =>
    text === "off"
      ? text
      : Object.fromEntries(
          text
            .split(",")
            .map((part) => part.split("="))
            .map(([name, number]) => [name, Number(number)]),
        ),
  );
