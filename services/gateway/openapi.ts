import type { Raw, Upload } from "../../lib/contract.ts";
import { FAULTS, type FaultCode } from "../../lib/fault.ts";
import { embed, fieldsOf, isJson, type Json, pick } from "./json-schema.ts";
import type { OwnRoute } from "./own-route.ts";
import type { Limits, RateLimits } from "./rate-limits.ts";
import type { Route } from "./routes.ts";

/** The schemas of an action, as its service described them. */
export interface Shapes {
  readonly input: unknown;
  readonly output: unknown;
}

interface Parts {
  readonly routes: readonly Route[];
  readonly own: readonly OwnRoute[];
  readonly rates: Pick<RateLimits, "limits" | "isLoopbackFree">;
  /** Undefined for an action whose service has not been asked yet: its route is documented without schemas. */
  readonly shapesOf: (action: string) => Shapes | undefined;
}

/** The OpenAPI 3.1 document of everything that is served, and of nothing else: it is made from the table that requests are served from. */
export function openApi({ routes, own, rates, shapesOf }: Parts): Json {
  const paths: Record<string, Json> = {};
  const schemas: Record<string, unknown> = { Error: ERROR };
  for (const route of own) (paths[route.path] ??= {})[route.method.toLowerCase()] = ownOperation(route);
  for (const route of routes.toSorted((a, b) => (a.action < b.action ? -1 : 1))) {
    const { input, output } = shapesOf(route.action) ?? { input: undefined, output: undefined };
    const inputName = `${route.action}.input`;
    const outputName = `${route.action}.output`;
    const inputs = embed(inputName, input);
    const { [inputName]: shape, ...rest } = inputs;
    Object.assign(schemas, rest, embed(outputName, output));
    const path = route.path.replaceAll(/:([^/]+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route, shape, {
      outputName: schemas[outputName] ? outputName : undefined,
      limits: rates.limits,
    });
  }
  return {
    openapi: "3.1.0",
    info: { title: "Brickwork", version: "1", description: `${DESCRIPTION} ${ratesText(rates)}` },
    servers: [{ url: "/", description: "This shop" }],
    tags: [...new Set([...routes.map(({ service }) => service), ...(own.length > 0 ? ["gateway"] : [])])].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas,
      securitySchemes: { adminKey: { type: "http", scheme: "bearer", description: "The administration key of the shop." } },
      headers: { RequestId: { description: "The id of the request, in logs and traces too.", schema: { type: "string" } } },
    },
  };
}

const DESCRIPTION = [
  "Money is in minor units with its currency. Times are ISO 8601 in UTC. Unknown fields are refused.",
  "Lists take `limit` (1-100) and `cursor`, and answer `meta.nextCursor`, which is null on the last page.",
  "Every POST takes an `Idempotency-Key`: sent again with the same body it changes nothing and gives the same answer.",
  "Errors have a stable `code`. 429 and 503 say in `Retry-After` when to try again.",
].join("\n\n");

function ratesText({ limits, isLoopbackFree }: Parts["rates"]): string {
  if (!limits) return "There is no rate limit on this address.";
  const free = isLoopbackFree
    ? ", except to clients on the shop's own machine and to administrators"
    : ", except to administrators";
  return `Requests are limited by client and minute${free}: what is 429 says how many are allowed.`;
}

const ERROR: Json = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "details", "requestId"],
      properties: {
        code: { type: "string", enum: Object.keys(FAULTS) },
        message: { type: "string" },
        details: { type: "array", items: { type: "object" } },
        requestId: { type: "string" },
      },
    },
  },
};

const ownOperation = ({ summary, statuses, type }: OwnRoute): Json => ({
  tags: ["gateway"],
  summary,
  security: [],
  responses: Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, headers: HEADERS, content: { [type.split(";")[0]!]: {} } },
    ]),
  ),
});

const HEADERS = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };

interface Surroundings {
  readonly outputName: string | undefined;
  readonly limits: Limits | undefined;
}

function operation(route: Route, input: Json | undefined, { outputName, limits }: Surroundings): Json {
  const { action, service, summary, access, http } = route;
  const body = bodyOf(route, input);
  return {
    operationId: action,
    tags: [service],
    summary,
    security: access === "admin" ? [{ adminKey: [] }] : [],
    parameters: parametersOf(route, input),
    ...(body && { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        [http.status ?? 200, ...(http.alsoStatus ?? [])].map((status) => [status, success(route, outputName)]),
      ),
      ...refusals(route, limits),
    },
  };
}

function success({ http }: Route, outputName: string | undefined): Json {
  const schema = outputName ? { $ref: `#/components/schemas/${outputName}` } : {};
  const type = http.events ? "text/event-stream" : (http.answers ?? "application/json");
  return {
    description: "Success",
    headers: HEADERS,
    content: { [type]: { schema: http.answers ? { type: "string" } : schema } },
  };
}

const header = (name: string, description: string, required = false): Json => ({
  name,
  in: "header",
  required,
  description,
  schema: { type: "string" },
});

function parametersOf(route: Route, input: Json | undefined): Json[] {
  const { method, parameters, http } = route;
  const known = new Map(fieldsOf(input).map((field) => [field.name, field]));
  const inPath = parameters.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: known.get(name)?.schema ?? { type: "string" },
  }));
  const headers = http.headers ?? {};
  const inHeader = Object.entries(headers).map(([field, name]) =>
    header(headerName(name), `The field \`${field}\`.`, known.get(field)?.isRequired),
  );
  const rest = [...known.values()].filter(({ name }) => !parameters.includes(name) && !(name in headers));
  const inQuery = hasJsonBody(route)
    ? []
    : rest
        .filter(() => !http.body)
        .map(({ name, schema, isRequired }) => ({ name, in: "query", required: isRequired && !("default" in schema), schema }));
  const key = method === "POST" ? [header("Idempotency-Key", "1-255 printable ASCII characters.", http.keyRequired)] : [];
  return [
    ...inPath,
    ...inQuery,
    ...inHeader,
    ...key,
    header("X-Request-Id", "1-64 letters, digits, dots, dashes and underscores."),
  ];
}

const headerName = (name: string): string => name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

const hasJsonBody = ({ method, http }: Route): boolean => method !== "GET" && method !== "DELETE" && !http.body;

const mediaTypeOf = (body: Upload | Raw): string => (body.kind === "raw" ? "*/*" : body.mediaType);

function bodyOf(route: Route, input: Json | undefined): Json | undefined {
  const { http, parameters } = route;
  if (http.body)
    return { required: true, content: { [mediaTypeOf(http.body)]: { schema: { type: "string", maxLength: http.body.limit } } } };
  if (!hasJsonBody(route) || !isJson(input)) return undefined;
  const elsewhere = new Set([...parameters, ...Object.keys(http.headers ?? {})]);
  const names = new Set(
    fieldsOf(input)
      .map(({ name }) => name)
      .filter((name) => !elsewhere.has(name)),
  );
  if (names.size === 0) return undefined;
  const schema = pick(input, names);
  return { required: "required" in schema, content: { "application/json": { schema } } };
}

const GENERAL: readonly FaultCode[] = ["malformed", "internal", "unavailable", "timed_out"];

function refusals({ method, access, http }: Route, limits: Limits | undefined): Json {
  const codes = new Set<FaultCode>([...GENERAL, ...(http.faults ?? [])]);
  if (access !== "public") codes.add("unauthorized").add("forbidden");
  else codes.add("unauthorized");
  if (method !== "GET") for (const code of ["invalid", "too_large", "unsupported_media_type"] as const) codes.add(code);
  if (method === "POST") codes.add("request_in_progress").add("idempotency_key_reused");
  if (http.keyRequired) codes.add("idempotency_key_required");
  const { limit = "other" } = http;
  const most = limits && limit !== "none" && access !== "admin" ? limits[limit] : undefined;
  if (most !== undefined) codes.add("rate_limited");
  const byStatus = Map.groupBy(
    [...codes].filter((code) => Object.hasOwn(FAULTS, code)),
    (code) => FAULTS[code][0],
  );
  return Object.fromEntries([...byStatus].map(([status, some]) => [status, refusal(status, some, most)]));
}

function refusal(status: number, codes: readonly FaultCode[], most: number | undefined): Json {
  const explained = codes.map((code) => `\`${code}\`: ${FAULTS[code][1]}`);
  if (status === 429 && most !== undefined) explained.push(`A client may ask ${most} times a minute.`);
  const description = explained.join("\n\n");
  const retry =
    status === 503 || status === 429 ? { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } } : {};
  return {
    description,
    headers: { ...HEADERS, ...retry },
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}
