import { setTimeout as sleep } from "node:timers/promises";
import type { ActionSchema, CallingOptions, Context, Middleware, ServiceBroker } from "moleculer";
import { backoff } from "../backoff.ts";
import type { Repeat } from "../contract.ts";
import { elapsed } from "../elapsed.ts";
import { RetryBudget } from "./budget.ts";
import { type Failure, hadNobody, isLost } from "./failure.ts";
import type { Avoiding } from "./least-pending.ts";

export interface RetryOptions {
  /** How often one call is sent again at most. */
  readonly most: number;
  /** Milliseconds before the first retry; doubles each time, up to `longest`, with jitter. */
  readonly first: number;
  readonly longest: number;
  /** Retries as a share of all calls, and how many may be saved up. */
  readonly share: number;
  readonly burst: number;
  /** Milliseconds that calls wait for an action whose last node has just gone. */
  readonly patience: number;
}

/** What a node has done about lost calls since its start. */
export interface RetryFigures {
  /** Calls that were sent again. */
  readonly sent: number;
  /** Calls that were not, because the budget was spent. */
  readonly refused: number;
  /** Retries that the budget still has. */
  readonly saved: number;
}

type Answer = Promise<unknown> & { ctx?: Context };
/** Moleculer's own `call`. */
type Send = (name: string, params: unknown, options?: CallingOptions) => Answer;

/** What the registry says about an action, kept while no node has it. */
interface Known {
  readonly repeat: Repeat;
  readonly timeout: number;
  /** Since when calls have found no node. */
  goneAt?: number;
}

interface Job {
  readonly name: string;
  readonly known: Known;
  readonly send: (timeout: number) => Answer;
  /** In milliseconds of `performance.now()`: the caller waits no longer. */
  readonly deadline: number;
}

const LOOK_EVERY = 20;
/** Milliseconds before the end of its time at which a call that waits for a node gives up: why it failed has to reach those who wait for it. */
const WAY_BACK = 100;

/**
 * Sends lost calls again: only actions whose contract says `safe` or `keyed`, within the call's own time, and no more of
 * them than the budget allows. Only who sent a lost call repeats it: errors of calls further down and answers of handlers go
 * through, so retries do not multiply from hop to hop.
 */
class Retrier {
  readonly #broker: ServiceBroker;
  readonly #options: RetryOptions;
  readonly #budget: RetryBudget;
  readonly #known = new Map<string, Known>();
  #sent = 0;
  #refused = 0;

  constructor(broker: ServiceBroker, options: RetryOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#budget = new RetryBudget(options);
  }

  /** An action was registered, here or on another node. */
  learn({ name, timeout, contract }: ActionSchema & { timeout?: number; contract?: { repeat?: Repeat } }): void {
    const repeat = contract?.repeat ?? "never";
    if (name) this.#known.set(name, { repeat, timeout: timeout ?? this.#broker.options.requestTimeout ?? 0 });
  }

  get figures(): RetryFigures {
    return { sent: this.#sent, refused: this.#refused, saved: this.#budget.saved };
  }

  call(send: Send, name: string, params: unknown, options: CallingOptions = {}): Answer {
    const known = this.#known.get(name);
    // A call to one node or with a stream cannot be made again.
    if (!known || known.repeat === "never" || options.nodeID || options.stream || options.ctx) return send(name, params, options);
    this.#budget.earn();
    const whole = options.timeout ?? known.timeout;
    const first = send(name, params, this.#withRoom(name, known, { ...options, timeout: whole }));
    const answer: Answer = first.catch((error: Failure) => {
      const job = {
        name,
        known,
        send: (timeout: number) => {
          const next: Avoiding = { ...options, timeout, ...(answer.ctx?.nodeID && { avoid: answer.ctx.nodeID }) };
          const again = send(name, params, next);
          // Moleculer reads a call's meta from here.
          if (again.ctx) answer.ctx = again.ctx;
          return again;
        },
        deadline: performance.now() + whole - (first.ctx ? elapsed(first.ctx) : 0),
      };
      return this.#again(job, error);
    });
    if (first.ctx) answer.ctx = first.ctx;
    return answer;
  }

  /** A node that hangs is found out by its silence only. A read waits half of its time for one, so that another can still answer. */
  #withRoom(name: string, { repeat }: Known, options: CallingOptions & { timeout: number }): CallingOptions {
    const hasOthers = (this.#broker.registry.actions.get(name)?.count() ?? 0) > 1;
    return repeat === "safe" && hasOthers ? { ...options, timeout: options.timeout / 2 } : options;
  }

  async #again(job: Job, error: Failure): Promise<unknown> {
    let failure = error;
    for (let failures = 1; failures <= this.#options.most; failures++) {
      if (!isLost(failure, job.name) || !(await this.#isWorthIt(job, failure, failures))) break;
      this.#sent++;
      this.#broker.logger.info(`${job.name} is sent again: ${(failure as Error).message}`);
      try {
        return await job.send(job.deadline - performance.now());
      } catch (thrown) {
        failure = thrown as Failure;
      }
    }
    throw failure;
  }

  /** Waits until it makes sense to send again; false when it does not. */
  async #isWorthIt({ name, known, deadline }: Job, failure: Failure, failures: number): Promise<boolean> {
    if (hadNobody(failure)) return this.#comesBack(name, known, deadline);
    const pause = backoff(failures, this.#options);
    if (performance.now() + pause >= deadline) return false;
    if (!this.#budget.spend()) {
      this.#refused++;
      return false;
    }
    await sleep(pause);
    return performance.now() < deadline;
  }

  /** True as soon as some node has the action. Nothing was sent and nothing is sent meanwhile, so it takes nothing from the budget. */
  async #comesBack(name: string, known: Known, deadline: number): Promise<boolean> {
    const { actions } = this.#broker.registry;
    // There are nodes, but their breakers are open: whoever failed shall be left alone.
    if ((actions.get(name)?.count() ?? 0) > 0) return false;
    known.goneAt ??= performance.now();
    const until = Math.min(deadline - WAY_BACK, known.goneAt + this.#options.patience);
    while (performance.now() + LOOK_EVERY < until) {
      await sleep(LOOK_EVERY);
      if (actions.isAvailable(name)) return true;
    }
    return false;
  }
}

const retriers = new WeakMap<ServiceBroker, Retrier>();

/** The figures of a broker; zeros for one that retries nothing. */
export const retriesOf = (broker: ServiceBroker): RetryFigures =>
  retriers.get(broker)?.figures ?? { sent: 0, refused: 0, saved: 0 };

/** The middleware that sends lost calls again. Moleculer's own would repeat every action and knows no deadline. */
export const retrying =
  (options: RetryOptions) =>
  (broker: ServiceBroker): Middleware => {
    const retrier = new Retrier(broker, options);
    retriers.set(broker, retrier);
    const learning = <T>(next: T, action: ActionSchema): T => {
      retrier.learn(action);
      return next;
    };
    const middleware: object = {
      name: "Retrying",
      localAction: learning,
      remoteAction: learning,
      call: (send: Send) => (name: string, params: unknown, given?: CallingOptions) => retrier.call(send, name, params, given),
    };
    return middleware as Middleware;
  };
