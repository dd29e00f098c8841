import { z } from "zod";
import { OperatorError } from "./operator-error.ts";
import { RATE_LIMITS_EXAMPLE, RateLimitsText } from "./rate-limits.ts";

interface Setting<T> {
  /** The environment variable. */
  readonly name: string;
  readonly schema: z.ZodType<T, unknown>;
  readonly description: string;
  readonly isSecret: boolean;
}

const setting = <T>(name: string, schema: z.ZodType<T, unknown>, description: string): Setting<T> => ({
  name,
  schema,
  description,
  isSecret: false,
});
const secret = <T>(name: string, schema: z.ZodType<T, unknown>, description: string): Setting<T> => ({
  ...setting(name, schema, description),
  isSecret: true,
});

const integer = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));
const port = integer(0, 65_535);
const milliseconds = integer(1, 24 * 3_600_000);
const url = (...protocols: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `must be a ${protocols[0]}// URL`);

/** Every setting there is. A new one is one line here. */
const SETTINGS = {
  mode: setting(
    "NODE_ENV",
    z.enum(["development", "production", "test"]).default("development"),
    "In production nothing has a default secret, mail needs SMTP and the sandbox provider must be asked for by name.",
  ),
  data: setting(
    "BRICKWORK_DATA",
    z.string().min(1).default("./data"),
    "The folder of the running shop: embedded database, admin key, logs.",
  ),
  port: setting("PORT", port.default(3000), "The port of the gateway. 0 takes a free one."),
  host: setting(
    "HOST",
    z.string().min(1).default("127.0.0.1"),
    "The address the gateway listens on. 0.0.0.0 for every interface.",
  ),
  listenFd: setting(
    "LISTEN_FD",
    integer(3, 1_023).optional(),
    "The descriptor of a socket that is bound already: the gateway listens on it instead of HOST and PORT.",
  ),
  shopServices: setting(
    "SHOP_SERVICES",
    z
      .string()
      .transform((text) => text.split(","))
      .optional(),
    "The services that the shop is ready with, with commas between; all those of the checkout where nothing is said.",
  ),
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("warn"),
    "How much is logged.",
  ),
  logFormat: setting("LOG_FORMAT", z.enum(["short", "json"]).default("short"), "Lines for people or JSON for a log collector."),
  namespace: setting(
    "BRICKWORK_NAMESPACE",
    z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/)
      .default("brickwork"),
    "Shops that share one Redis or one PostgreSQL server need different names. Databases are named <namespace>_<service>.",
  ),
  databaseUrl: secret(
    "DATABASE_URL",
    url("postgres:", "postgresql:").optional(),
    "A PostgreSQL server and a user that may create databases and roles. Without it an embedded PostgreSQL runs from the data folder. <SERVICE>_DATABASE_URL puts one service elsewhere.",
  ),
  poolSize: setting(
    "DATABASE_POOL_SIZE",
    integer(2, 50).default(4),
    "Connections to PostgreSQL for each service in each process.",
  ),
  redisUrl: secret(
    "REDIS_URL",
    url("redis:", "rediss:").optional(),
    "The Redis over which processes find and call each other. Not needed in one process.",
  ),
  busKey: secret(
    "BUS_KEY",
    z.string().min(32).optional(),
    "The key that signs packets between processes, at least 32 characters.",
  ),
  shopSecret: secret(
    "SHOP_SECRET",
    z.string().min(32).optional(),
    "The secret that order tokens and the keys of customers' sign-ins are made from, at least 32 characters. Without it one is made in the data folder.",
  ),
  adminKey: secret(
    "ADMIN_KEY",
    z.string().min(32).optional(),
    "The administration key, at least 32 characters. Without it one is made in the data folder.",
  ),
  seed: setting(
    "SEED",
    z.enum(["demo", "empty"]).default("demo"),
    "What a new shop starts with: the demo catalogue, or nothing.",
  ),
  shopName: setting("SHOP_NAME", z.string().min(1).max(80).default("Brickwork"), "The name of the shop, in mails."),
  shopUrl: setting(
    "SHOP_URL",
    url("http:", "https:").default("http://localhost:3000"),
    "Where the storefront is, for links in mails.",
  ),
  currency: setting(
    "CURRENCY",
    z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default("EUR"),
    "The currency of every price, an ISO 4217 code.",
  ),
  pricesIncludeTax: setting(
    "PRICES_INCLUDE_TAX",
    z.union([z.boolean(), z.stringbool()]).default(false),
    "Whether the shop's prices, shipping too, include tax. Where they do not, tax is added.",
  ),
  smtpUrl: secret(
    "SMTP_URL",
    url("smtp:", "smtps:").optional(),
    "The mail server. Without it mails are kept in a mailbox that the administration can read.",
  ),
  mailFrom: setting("MAIL_FROM", z.email().default("shop@example.com"), "The sender of the shop's mails."),
  privateWebhooks: setting(
    "PRIVATE_WEBHOOKS",
    z.stringbool().optional(),
    "Whether outgoing webhooks may go to addresses inside the own network. If nothing is said: not in production.",
  ),
  paymentProvider: setting(
    "PAYMENT_PROVIDER",
    z.enum(["sandbox", "stripe"]).optional(),
    "Which provider takes the money. The default is the sandbox, except in production, where it must be asked for by name.",
  ),
  publicUrl: setting(
    "PUBLIC_URL",
    url("http:", "https:").optional(),
    "Where the payment provider can reach the shop. Without it the sandbox sends its webhooks to the gateway's own address.",
  ),
  stripeApiUrl: setting(
    "STRIPE_API_URL",
    url("http:", "https:").default("https://api.stripe.com"),
    "Where Stripe's interface is reached.",
  ),
  stripeSecretKey: secret(
    "STRIPE_SECRET_KEY",
    z.string().min(8).optional(),
    "The key of the Stripe account, for PAYMENT_PROVIDER=stripe.",
  ),
  stripeWebhookSecret: secret(
    "STRIPE_WEBHOOK_SECRET",
    z.string().min(8).optional(),
    "The signing secret of the Stripe webhook endpoint <PUBLIC_URL>/webhooks/payments/stripe. Without it no webhook is believed.",
  ),
  stripeMulticapture: setting(
    "STRIPE_MULTICAPTURE",
    z
      .enum(["true", "false"])
      .default("false")
      .transform((text) => text === "true"),
    "Whether the Stripe account may capture a payment several times. Without that the first capture of an order is its last.",
  ),
  requestTimeout: setting(
    "REQUEST_TIMEOUT_MS",
    milliseconds.default(10_000),
    "The time budget of one HTTP request, in milliseconds; nested calls get what is left of it.",
  ),
  keepAlive: setting(
    "KEEP_ALIVE_MS",
    milliseconds.default(5_000),
    "How long the gateway keeps an idle connection, also while it stops, in milliseconds. Longer than a proxy in front of it does.",
  ),
  drainTime: setting(
    "DRAIN_MS",
    milliseconds.default(30_000),
    "How long a node that is told to stop may take to finish what it has begun, in milliseconds; then it is killed. Longer than the gateway and the bus take together, 10 s each.",
  ),
  rolloutWatch: setting(
    "ROLLOUT_WATCH_MS",
    integer(0, 600_000).default(5_000),
    "How long the first node of a new release serves beside the old ones before one of these goes, in milliseconds. Three failures of an action that mostly succeeded before take the release back, so an action must be called three times on the new node in this time: longer finds faults in what is rarely called.",
  ),
  bodyLimit: setting(
    "BODY_LIMIT_BYTES",
    integer(1_024, 16 * 1_048_576).default(262_144),
    "The largest JSON body that is read, in bytes.",
  ),
  rateLimits: setting(
    "RATE_LIMITS",
    RateLimitsText.optional(),
    `How many requests a minute one client may make: \`${RATE_LIMITS_EXAMPLE}\` is what holds where nothing else is said, \`off\` is for no limits. If it is not set, clients on the gateway's own machine are not limited.`,
  ),
  trustedProxies: setting(
    "TRUSTED_PROXIES",
    integer(0, 10).default(0),
    "How many proxies of yours stand in front of the gateway. So many addresses at the end of X-Forwarded-For are believed; the rest anybody could have written.",
  ),
  checkoutWait: setting(
    "CHECKOUT_WAIT_MS",
    milliseconds.default(5_000),
    "How long a checkout waits for the outcome before it answers 202, in milliseconds.",
  ),
  sagaDeadline: setting(
    "SAGA_DEADLINE_MS",
    milliseconds.default(900_000),
    "After this time a checkout that could not finish is undone, in milliseconds.",
  ),
  reservationTime: setting(
    "RESERVATION_MS",
    milliseconds.default(1_200_000),
    "How long stock is held for a checkout, in milliseconds. Longer than the saga's deadline.",
  ),
  providerTimeout: setting(
    "PROVIDER_TIMEOUT_MS",
    milliseconds.default(4_000),
    "How long a call to the payment provider may take before its outcome counts as unknown, in milliseconds.",
  ),
  lowStock: setting(
    "LOW_STOCK",
    integer(0, 1_000_000).default(5),
    "At how many units of a SKU that can be sold it is time to order more, where nothing else is said of it.",
  ),
  capture: setting(
    "CAPTURE",
    z.enum(["confirmation", "shipment"]).default("confirmation"),
    "When an authorized payment is captured.",
  ),
} as const;

type Values = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never };

/** The configuration of one process, read once and handed on. */
export interface Config extends Values {
  /** `<SERVICE>_DATABASE_URL`, by service. */
  readonly databaseUrls: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration: the only place that looks at `process.env`. `overrides` come from the command line and win.
 * Throws an OperatorError that names every wrong value in one line.
 */
export function readConfig(overrides: Partial<Values> = {}, environment: Environment = process.env): Config {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [key, { name, schema }] of Object.entries(SETTINGS)) {
    const given = environment[name] === "" ? undefined : environment[name];
    const { success, data, error } = schema.safeParse((overrides as Record<string, unknown>)[key] ?? given);
    if (success) values[key] = data;
    else wrong.push(`${name} ${error.issues.map((issue) => issue.message.replace(/^Invalid input: /, "")).join(", ")}`);
  }
  if (wrong.length > 0) throw new OperatorError(`The configuration is wrong: ${wrong.join("; ")}. See docs/configuration.md.`);
  return { ...(values as Values), databaseUrls: databaseUrls(environment) };
}

function databaseUrls(environment: Environment): Record<string, string> {
  const found = Object.entries(environment).flatMap(([name, value]) => {
    const service = /^([A-Z]+)_DATABASE_URL$/.exec(name)?.[1];
    return service && value ? [[service.toLowerCase(), value]] : [];
  });
  return Object.fromEntries(found);
}

/** One row of the configuration as people see it; secrets are never shown. */
export interface SettingDescription {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  readonly isSecret: boolean;
  readonly isSet: boolean;
  readonly value: string;
}

/** What `brickwork doctor` prints and `docs/configuration.md` is made of. */
export function describeConfig(environment: Environment = process.env): SettingDescription[] {
  return Object.values(SETTINGS).map(({ name, schema, description, isSecret }) => {
    const standard = String(schema.safeParse(undefined).data ?? "");
    const given = environment[name];
    return {
      name,
      default: standard,
      description,
      isSecret,
      isSet: Boolean(given),
      value: isSecret && given ? "(set)" : (given ?? standard),
    };
  });
}
