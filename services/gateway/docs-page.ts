import { hash } from "node:crypto";
import { html, schemaHtml, typeOf } from "./docs-schema.ts";
import { STYLE } from "./docs-style.ts";
import { isJson, type Json } from "./json-schema.ts";

/** The page needs its own style sheet and nothing else: no script, no font, nothing from elsewhere. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** An OpenAPI document as a page for people. */
export function docsPage(document: Json): string {
  const operations = operationsOf(document);
  const schemas = isJson(document.components) && isJson(document.components.schemas) ? document.components.schemas : {};
  const groups = [...Map.groupBy(operations, ({ service }) => service)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const info = isJson(document.info) ? document.info : {};
  const links = groups.map(([service]) => `<a href="#${html(service)}">${html(service)}</a>`).join("");
  const sections = groups.map(
    ([service, some]) =>
      `<h2 id="${html(service)}">${html(service)}</h2>${some.map((one) => operationHtml(one, schemas)).join("")}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(info.title)} API</title><style>${STYLE}</style></head><body>
<nav aria-label="Services"><b>${html(info.title)} API</b>${links}<a href="/openapi.json">OpenAPI 3.1</a></nav>
<main><h1>${html(info.title)} API</h1>${prose(String(info.description ?? ""))}${sections.join("")}</main></body></html>`;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly service: string;
  readonly facts: Json;
}

function operationsOf({ paths }: Json): Operation[] {
  return Object.entries(isJson(paths) ? paths : {}).flatMap(([path, methods]) =>
    Object.entries(isJson(methods) ? methods : {}).map(([method, facts]) => {
      const known = isJson(facts) ? facts : {};
      return { method, path, facts: known, service: Array.isArray(known.tags) ? String(known.tags[0]) : "other" };
    }),
  );
}

const prose = (text: string): string =>
  text
    .split("\n\n")
    .map((paragraph) => `<p>${html(paragraph).replaceAll(/`([^`]+)`/g, "<code>$1</code>")}</p>`)
    .join("");

function operationHtml({ method, path, facts }: Operation, schemas: Json): string {
  const isLocked = Array.isArray(facts.security) && facts.security.length > 0;
  return `<details class=op><summary><span class="m ${html(method)}">${html(method.toUpperCase())}</span><code>${html(path)}</code>
<span class=s>${html(facts.summary ?? "")}</span>${isLocked ? "<span class=lock>admin key</span>" : ""}</summary>
<div>${parametersHtml(facts.parameters, schemas)}${bodyHtml(facts.requestBody, schemas)}${responsesHtml(facts.responses, schemas)}</div></details>`;
}

function parametersHtml(parameters: unknown, schemas: Json): string {
  if (!Array.isArray(parameters) || parameters.length === 0) return "";
  const rows = parameters.filter(isJson).map(({ name, in: place, required, schema, description = "" }) => {
    const must = required ? "" : " <span class=o>optional</span>";
    return `<tr><td><code class=f>${html(name)}</code>${must}<td class=t>${html(place)}<td>${html(typeOf(schema, schemas))}<td class=t>${html(description)}</tr>`;
  });
  return `<h3>Parameters</h3><table>${rows.join("")}</table>`;
}

const bodyHtml = (body: unknown, schemas: Json): string =>
  isJson(body) ? `<h3>Body</h3>${contentHtml(body.content, schemas)}` : "";

function contentHtml(content: unknown, schemas: Json): string {
  const types = Object.entries(isJson(content) ? content : {});
  return types
    .map(
      ([type, media]) => `<p class=t>${html(type)}</p>${isJson(media) && media.schema ? schemaHtml(media.schema, schemas) : ""}`,
    )
    .join("");
}

function responsesHtml(responses: unknown, schemas: Json): string {
  const all = Object.entries(isJson(responses) ? responses : {}).filter((pair): pair is [string, Json] => isJson(pair[1]));
  const good = all.filter(([status]) => Number(status) < 300);
  const bad = all.filter(([status]) => Number(status) >= 300);
  const rows = bad.map(
    ([status, { description }]) => `<tr><td><code class=f>${html(status)}</code><td>${prose(String(description))}</tr>`,
  );
  const answers = good.map(([status, { content }]) => `<h3>Answer ${html(status)}</h3>${contentHtml(content, schemas)}`);
  return `${answers.join("")}${rows.length > 0 ? `<h3>Other answers</h3><table>${rows.join("")}</table>` : ""}`;
}
