import { z } from "zod";
import { action } from "../../lib/contract.ts";

/** A small read model that tests add to a copy of the checkout. */
export const getTally = action("tally.getTally", {
  summary: "How many orders were confirmed, and how many units were in them.",
  input: z.object({}),
  output: z.object({ orders: z.int(), units: z.int() }),
  repeat: "safe",
});
