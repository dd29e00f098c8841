import { fault } from "../../lib/fault.ts";
import { isCommon, type Owner } from "./common-passwords.ts";

/** Throws `invalid` for a password that others would try first. */
export function requireUncommon(password: string, owner: Owner): void {
  if (!isCommon(password, owner)) return;
  const message = "is one of those that are guessed first";
  throw fault("invalid", `The request is not what it should be. password: ${message}.`, {
    details: [{ field: "password", message }],
  });
}
