import type { Resources } from "../../lib/service.ts";
import { type Attempts, attemptsAt } from "./attempts.ts";
import type { Hasher } from "./hasher.ts";
import { GUESSING, MAILING } from "./model.ts";
import { openSigner, type Signer } from "./signer.ts";

/** What the use cases of this service work with. */
export interface Tools {
  readonly r: Resources;
  readonly hasher: Hasher;
  readonly signer: Promise<Signer>;
  /** Makes the tokens that must be the same when they are made again. */
  readonly refreshKey: Buffer;
  readonly letterKey: Buffer;
  /** Guesses at the password of an account, wherever they are made. */
  readonly guesses: Attempts;
  /** Mails that anybody can have sent to an address. */
  readonly mails: Attempts;
}

export function toolsOver(r: Resources, hasher: Hasher): Tools {
  const key = r.deriveKey("customer attempts");
  return {
    r,
    hasher,
    signer: openSigner(r),
    refreshKey: r.deriveKey("customer refresh tokens"),
    letterKey: r.deriveKey("customer letters"),
    guesses: attemptsAt({ r, key, what: "password", pace: GUESSING }),
    mails: attemptsAt({ r, key, what: "mail", pace: MAILING }),
  };
}
