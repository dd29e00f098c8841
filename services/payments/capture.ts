import type { Handler } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { move } from "./movement.ts";
import type { Till } from "./till.ts";

export const capture =
  (till: Till): Handler<typeof payments.capture> =>
  async ({ orderId, captureId, amount }) => {
    const verdict = await move(till, { id: captureId, orderId, kind: "capture", amount });
    return verdict.outcome === "done" ? { outcome: "captured" } : verdict;
  };
