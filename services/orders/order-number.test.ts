import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { orderNumber } from "./order-number.ts";

test("an order number can be read out: no letter in it looks or sounds like another one's digit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (random) => {
      expect(orderNumber(random)).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});
