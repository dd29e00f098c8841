import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "moleculer";
import { z } from "zod";
import type { Environment } from "../../lib/environment.ts";
import { askNodes, countOutcome } from "../../lib/figures.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { type Log, logOver } from "../../lib/log.ts";
import { callOver } from "../../lib/running.ts";
import { Admission } from "./admission.ts";
import { authenticator } from "./caller.ts";
import { Connections } from "./connections.ts";
import { Descriptions } from "./descriptions.ts";
import { EventStreams } from "./event-stream.ts";
import { LastAnswers } from "./last-answers.ts";
import { Meter, type Told } from "./meter.ts";
import { openApi } from "./openapi.ts";
import { ownRoutes } from "./own-routes.ts";
import type { OwnRoute } from "./own-route.ts";
import { findProblems, type Problem } from "./readiness.ts";
import { RateLimits } from "./rate-limits.ts";
import { LiveService, RouteTable } from "./routes.ts";
import { type Desk, serve } from "./serve.ts";
import { type HttpServer, listen } from "./server.ts";

interface Options {
  /** The service whose node this is. */
  readonly self: Service;
  readonly environment: Environment;
  /** The services that the shop is made of. */
  readonly needs: readonly string[];
}

/** Milliseconds. Changes of the registry come in bursts. */
const SETTLE = 20;
/** Milliseconds that clients may wait for a gateway that does not know every service yet. */
const MEETING = 3_000;

/** The open gateway of one node. */
export class Gateway {
  readonly #self: Service;
  readonly #needs: readonly string[];
  readonly #log: Log;
  readonly #table: RouteTable<OwnRoute>;
  readonly #meter = new Meter();
  readonly #admission = new Admission();
  readonly #streams = new EventStreams();
  readonly #lastAnswers = new LastAnswers();
  readonly #rateLimits: RateLimits;
  readonly #connections = new Connections();
  readonly #descriptions: Descriptions;
  readonly #desk: Desk;
  #server: HttpServer | undefined;
  #live: readonly LiveService[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #wasReady = false;

  constructor({ self, environment, needs }: Options) {
    const { config, adminKey } = environment;
    this.#self = self;
    this.#needs = needs;
    this.#log = logOver(self.logger);
    this.#descriptions = new Descriptions(callOver(self.broker), this.#log);
    this.#rateLimits = new RateLimits(config, this.#log);
    const own = ownRoutes({
      problems: () => this.#problems(),
      metrics: async () => {
        const [told, nodes] = await Promise.all([this.#told(), askNodes(self.broker)]);
        const gauges = { inFlight: this.#admission.inFlight, streams: this.#streams.open, older: this.#lastAnswers.given };
        return this.#meter.print(gauges, told, nodes);
      },
      document: async () => {
        await this.#descriptions.refresh(this.#live);
        return openApi({
          routes: this.#table.all(),
          own,
          rates: this.#rateLimits,
          shapesOf: (action) => this.#descriptions.shapesOf(action),
        });
      },
    });
    this.#table = new RouteTable(own, this.#log);
    this.#desk = {
      self,
      table: this.#table,
      admission: this.#admission,
      rateLimits: this.#rateLimits,
      streams: this.#streams,
      lastAnswers: this.#lastAnswers,
      log: this.#log,
      limits: { size: config.bodyLimit, time: config.requestTimeout },
      authenticate: authenticator({ adminKey, call: callOver(self.broker) }),
      isIncomplete: () => this.#isIncomplete(),
    };
    this.#learn();
  }

  /** Takes requests; answers the address. Throws an OperatorError when it cannot be had. */
  async open({ config }: Environment): Promise<string> {
    if (config.listenFd !== undefined) await this.#meet();
    this.#server = await listen(config, (req, res) => this.#take(req, res));
    this.#log.info(`The shop is at ${this.#server.url}`);
    return this.#server.url;
  }

  /** Who takes over from another gateway knows the routes before it takes a request; until then these wait in the socket's queue. */
  async #meet(): Promise<void> {
    const deadline = performance.now() + MEETING;
    while (this.#isIncomplete() && performance.now() < deadline) {
      await sleep(SETTLE);
      this.#learn();
    }
  }

  /** The registry has changed. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#learn();
    }, SETTLE).unref();
  }

  /** Answers what is under way and then closes: not ready, streams ended, connections told to go, and after 10 s cut. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#streams.stop();
    await this.#server?.close();
    this.#rateLimits.close();
    clearTimeout(this.#timer);
    this.#meter.stop();
  }

  #take(req: IncomingMessage, res: ServerResponse): void {
    const started = performance.now();
    this.#connections.use(req.socket);
    const label = serve(this.#desk, req, res, () => this.#isClosing || this.#connections.isToEnd(req.socket));
    res.once("close", () => {
      this.#meter.observe(label, res.statusCode, (performance.now() - started) / 1_000);
      countOutcome(this.#self.broker, label, res.statusCode >= 500);
    });
  }

  #learn(): void {
    const list = this.#self.broker.registry.getServiceList({
      onlyAvailable: true,
      skipInternal: true,
      withActions: true,
      grouping: true,
    });
    this.#live = z.array(LiveService).parse(list);
    const isGateway = ({ fullName }: LiveService): boolean => fullName === this.#self.fullName;
    this.#table.learn(this.#live.filter((service) => !isGateway(service)));
    const gateways = this.#live.find(isGateway)?.nodes ?? [];
    this.#connections.learn(gateways.filter((id) => id !== this.#self.broker.nodeID));
  }

  #isIncomplete(): boolean {
    return this.#needs.some((name) => !this.#table.hasSeen(name));
  }

  #isLive(service: string): boolean {
    return this.#live.some(({ fullName }) => fullName === service);
  }

  async #problems(): Promise<Problem[]> {
    if (this.#isClosing) return [{ service: "gateway", reason: "is stopping" }];
    const call = callOver(this.#self.broker);
    const isLive = (service: string) => this.#isLive(service);
    const found = await findProblems({ call, needs: this.#needs, isLive, wasReady: this.#wasReady });
    this.#wasReady ||= found.length === 0;
    return found;
  }

  #told(): Promise<Told[]> {
    const call = callOver(this.#self.broker);
    const known = new Set([
      ...this.#needs,
      ...this.#live.filter(({ fullName, actions }) => `${fullName}.cursors` in actions).map(({ fullName }) => fullName),
    ]);
    return Promise.all(
      [...known].map(async (service) => {
        const answer = this.#isLive(service) ? await call(kernelContract(service).cursors, {}).catch(() => undefined) : undefined;
        return { service, answer };
      }),
    );
  }
}
