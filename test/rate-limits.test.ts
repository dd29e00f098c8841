import { expect, test } from "@jest/globals";
import type { Action } from "../lib/contract.ts";
import { findProducts } from "../services/catalog/contract.ts";
import * as customers from "../services/customers/contract.ts";
import { checkout } from "../services/orders/contract.ts";
import { receiveWebhook } from "../services/payments/contract.ts";

test("what tries out passwords, checks out, searches or is signed is counted as such", () => {
  const limitOf = (action: Action) => action.http?.limit;
  const tries = [customers.register, customers.login, customers.requestPasswordReset, customers.resetPassword];
  expect(tries.map(limitOf)).toEqual(tries.map(() => "login"));
  expect([checkout, findProducts, receiveWebhook].map(limitOf)).toEqual(["checkout", "search", "none"]);
});
