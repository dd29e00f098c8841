import type { z } from "zod";
import { html } from "../html.ts";
import type * as notifications from "../contract.ts";
import type { Letter } from "../model.ts";
import { button, page } from "./page.ts";
import { plain } from "./plain.ts";

interface Shop {
  readonly shopName: string;
  /** Where the storefront is. */
  readonly shopUrl: string;
}

interface Words {
  readonly subject: string;
  readonly heading: string;
  readonly says: string;
  readonly label: string;
  readonly after: string;
}

type Asked = z.output<typeof notifications.Letter>;

const wordsFor = (kind: Asked["kind"], shopName: string): Words => {
  switch (kind) {
    case "password_reset":
      return {
        subject: `Set a new password for ${shopName}`,
        heading: "Set a new password",
        says: "Somebody, we hope you, wants to set a new password for your account. The link works once, for an hour.",
        label: "Set a new password",
        after: "If it was not you there is nothing to do: your password stays as it is.",
      };
    case "verify_email":
      return {
        subject: `Confirm your address for ${shopName}`,
        heading: "Confirm your address",
        says: "You have opened an account with this address. Confirm that it is yours, and orders that you placed with it before appear in your account.",
        label: "Confirm the address",
        after: "If you did not open an account, do not confirm it: somebody else has used your address.",
      };
    case "account_exists":
      return {
        subject: `You have an account at ${shopName}`,
        heading: "You have an account already",
        says: "Somebody, we hope you, has tried to open a second account with your address. Nothing was changed.",
        label: "Sign in",
        after: "If you do not remember your password you can set a new one there.",
      };
  }
};

/** A mail about somebody's account, with the one link that it is about. */
export function accountMail(to: string, letter: Asked, { shopName, shopUrl }: Shop): Letter {
  const { subject, heading, says, label, after } = wordsFor(letter.kind, shopName);
  const url = new URL("link" in letter ? letter.link : "/login", shopUrl).href;
  return {
    to,
    subject,
    text: plain(heading, says, url, after, shopName),
    html: page({ title: subject, shopName, heading, says: html`${says}`, parts: [button(label, url), html`${after}`] }),
  };
}
