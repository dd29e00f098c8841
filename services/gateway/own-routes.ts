import { DOCS_POLICY, docsPage } from "./docs-page.ts";
import type { Json } from "./json-schema.ts";
import { memo } from "../../lib/memo.ts";
import type { OwnRoute } from "./own-route.ts";
import type { Problem } from "./readiness.ts";
import { JSON_TYPE, reply, replyJson } from "./reply.ts";

interface Sources {
  /** Why the shop is not ready; empty when it is. */
  readonly problems: () => Promise<Problem[]>;
  readonly metrics: () => Promise<string>;
  readonly document: () => Promise<Json>;
}

const BRIEFLY = { "Cache-Control": "no-cache" };
const METRICS = "text/plain; version=0.0.4; charset=utf-8";
const HTML = "text/html; charset=utf-8";

const get = (path: string, summary: string, rest: Omit<OwnRoute, "method" | "path" | "summary">): OwnRoute => ({
  method: "GET",
  path,
  summary,
  ...rest,
});

/** What the gateway answers itself. Anybody may ask, so nothing here does its work more than a few times a second. */
export function ownRoutes(sources: Sources): OwnRoute[] {
  const problems = memo(200, sources.problems);
  const metrics = memo(500, sources.metrics);
  const document = memo(200, sources.document);
  const page = memo(200, async () => docsPage(await document()));
  return [
    get("/", "Leads to the documentation.", {
      type: HTML,
      statuses: { 302: "To `/docs`." },
      serve: (exchange) => reply(exchange, { status: 302, headers: { Location: "/docs" } }),
    }),
    get("/docs", "The documentation of this API, for people.", {
      type: HTML,
      statuses: { 200: "A page." },
      serve: async (exchange) =>
        reply(exchange, {
          status: 200,
          type: HTML,
          headers: { ...BRIEFLY, "Content-Security-Policy": DOCS_POLICY },
          body: await page(),
        }),
    }),
    get("/openapi.json", "The documentation of this API, for programs.", {
      type: JSON_TYPE,
      statuses: { 200: "OpenAPI 3.1." },
      serve: async (exchange) => replyJson(exchange, 200, await document(), BRIEFLY),
    }),
    get("/health/live", "Whether the process works.", {
      type: JSON_TYPE,
      statuses: { 200: "It does." },
      serve: (exchange) => replyJson(exchange, 200, { status: "live" }),
    }),
    get("/health/ready", "Whether the shop is ready: every service is there, seeded and caught up.", {
      type: JSON_TYPE,
      statuses: { 200: "It is.", 503: "It is not, and `problems` says why." },
      serve: async (exchange) => {
        const found = await problems();
        if (found.length === 0) return replyJson(exchange, 200, { status: "ready" });
        replyJson(exchange, 503, { status: "not_ready", problems: found }, { "Retry-After": "1" });
      },
    }),
    get("/metrics", "Figures for Prometheus.", {
      type: METRICS,
      statuses: { 200: "Text in Prometheus' format." },
      serve: async (exchange) => reply(exchange, { status: 200, type: METRICS, body: await metrics() }),
    }),
  ];
}
