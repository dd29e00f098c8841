import fc from "fast-check";
import { money } from "../../lib/money.ts";
import { type Account, differenceOf, type Kind, type Line, linesOf, refusalOf, roomFor, UNDECIDED } from "./model.ts";

/** The rules that the books of a payment follow; a mutant differs in one. */
export interface Rules {
  readonly refusalOf: typeof refusalOf;
  readonly linesOf: typeof linesOf;
  /** Whether a capture or refund that was decided is left as it is when asked for again. */
  readonly isRepeatable: boolean;
  /** Whether a payment that is given back refuses what comes later. */
  readonly hasTombstone: boolean;
}

export const RULES: Rules = { refusalOf, linesOf, isRepeatable: true, hasTombstone: true };

/** What is done to one order's payment. Ids are few, so that the same comes twice and in any order. */
export type Command =
  | { readonly do: "authorize"; readonly amount: number }
  | { readonly do: "capture" | "refund"; readonly id: number; readonly amount: number }
  | { readonly do: "void" | "giveBack" };

const parts = fc.integer({ min: 1, max: 60 });
const ids = fc.integer({ min: 1, max: 4 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("authorize" as const), amount: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("capture" as const, "refund" as const), id: ids, amount: parts }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("void" as const, "giveBack" as const) }) },
);

/** Mostly begun with an authorization, as orders are. */
export const commands: fc.Arbitrary<Command[]> = fc
  .tuple(fc.array(command, { maxLength: 14 }), fc.integer({ min: 0, max: 100 }), fc.boolean())
  .map(([all, amount, isUsual]) => (isUsual ? [{ do: "authorize" as const, amount }, ...all] : all));

/** A payment and its books, by the pure rules, with a provider that always answers. */
export class ModelPayment {
  account: Account | undefined;
  readonly lines: Line[] = [];
  readonly decided = new Map<string, string>();
  /** What had moved when it was given back; undefined before. */
  atGiveBack: { captured: number; refunded: number } | undefined;
  readonly #rules: Rules;

  constructor(rules: Rules = RULES) {
    this.#rules = rules;
  }

  /** The answer to the command. */
  do(next: Command): string {
    switch (next.do) {
      case "authorize":
        return this.#authorize(next.amount);
      case "capture":
      case "refund":
        return this.#move(next.do, next);
      case "void":
        return this.#void();
      case "giveBack":
        return this.#giveBack();
    }
  }

  #authorize(amount: number): string {
    this.account ??= { status: "authorized", amount, currency: "EUR", captured: 0, capturing: 0, refunded: 0, refunding: 0 };
    return this.account.status === "voided" ? "voided" : "authorized";
  }

  #move(kind: Kind, { id, amount }: { id: number; amount: number }): string {
    const key = `${kind}:${id}`;
    const before = this.decided.get(key);
    if (before && this.#rules.isRepeatable) return before;
    const refusal = this.#rules.refusalOf(kind, this.account, money(amount, "EUR"));
    if (refusal === UNDECIDED) return "unknown";
    const answer = refusal === undefined ? (kind === "capture" ? "captured" : "refunded") : "refused";
    this.decided.set(key, answer);
    if (refusal === undefined) this.#book(kind, amount);
    return answer;
  }

  #book(kind: Kind, amount: number): void {
    const { account } = this;
    if (!account) return;
    this.lines.push(...this.#rules.linesOf(kind, amount));
    const captured = account.captured + (kind === "capture" ? amount : 0);
    const refunded = account.refunded + (kind === "refund" ? amount : 0);
    const isTaken = account.status === "authorized" && captured === account.amount && captured > 0;
    this.account = { ...account, captured, refunded, status: isTaken ? "captured" : account.status };
  }

  #void(): string {
    if (this.account && this.account.captured > 0 && this.account.status !== "voided") return "conflict";
    this.#bar();
    return "voided";
  }

  #giveBack(): string {
    const { account } = this;
    if (account?.status !== "voided") {
      const rest = account ? roomFor("refund", account) : 0;
      if (rest > 0) this.#book("refund", rest);
      this.#bar();
    }
    if (this.account) this.atGiveBack ??= { captured: this.account.captured, refunded: this.account.refunded };
    return "given_back";
  }

  #bar(): void {
    const unpaid = { amount: 0, currency: "EUR", captured: 0, capturing: 0, refunded: 0, refunding: 0 };
    const status = this.#rules.hasTombstone ? "voided" : (this.account?.status ?? "voided");
    this.account = { ...unpaid, ...this.account, status };
  }
}

const sumsOf = (lines: readonly Line[]) =>
  lines.map(({ side, amount }) => (side === "debit" ? { debit: amount, credit: 0 } : { debit: 0, credit: amount }));

/** What holds after every command, whatever was done: the reason when it does not. */
export function wrongWith({ account, lines, atGiveBack }: ModelPayment): string | undefined {
  if (differenceOf(sumsOf(lines)) !== 0) return "the trial balance is not zero";
  if (!account) return lines.length > 0 ? "something was booked for nothing" : undefined;
  if (account.captured > account.amount) return "more was captured than authorized";
  if (account.refunded > account.captured) return "more was refunded than captured";
  const receivable = differenceOf(sumsOf(lines.filter((line) => line.account === "provider")));
  if (receivable !== account.captured - account.refunded) return "the books differ from the payment";
  if (!atGiveBack) return undefined;
  if (account.captured !== atGiveBack.captured || account.refunded !== atGiveBack.refunded)
    return "money moved after it was given back";
  return account.captured === account.refunded ? undefined : "not all was given back";
}

/** The property, as a function of the rules: so that it can be shown to fail under wrong ones. */
export const booksHold = (rules: Rules) =>
  fc.property(commands, (all) => {
    const payment = new ModelPayment(rules);
    const repeated = new Map<string, string>();
    for (const next of all) {
      const answer = payment.do(next);
      const wrong = wrongWith(payment);
      if (wrong) throw new Error(wrong);
      if (next.do !== "capture" && next.do !== "refund") continue;
      const key = `${next.do}:${next.id}`;
      if ((repeated.get(key) ?? answer) !== answer) throw new Error("the same call got another answer");
      repeated.set(key, answer);
    }
  });
