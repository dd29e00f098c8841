import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Ask = (method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

/**
 * Milliseconds. Only an agent with a time of its own heeds how long the server says it keeps a connection; one without would at
 * times send into a connection that is just being closed.
 */
const PATIENCE = 60_000;

/** A client that keeps its connections, as browsers and proxies do, and sends nothing twice. Rejects when there was no answer. */
export function client(url: string): Ask {
  const agent = new Agent({ keepAlive: true, timeout: PATIENCE });
  const { hostname, port } = new URL(url);
  return (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const json = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const req = request({ agent, hostname, port, method, path, headers: { ...json, ...headers } }, (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.once("error", reject);
        res.once("end", () => {
          const said = Buffer.concat(chunks).toString();
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: said === "" ? undefined : (JSON.parse(said) as unknown),
          });
        });
      });
      req.once("error", reject);
      req.end(text);
    });
}
