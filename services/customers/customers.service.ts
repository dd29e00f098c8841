import { service } from "../../lib/service.ts";
import { addAddress, changeAddress, findAddresses, removeAddress } from "./addresses.ts";
import { trimAttempts } from "./attempt-store.ts";
import * as customers from "./contract.ts";
import { findCustomers } from "./find-customers.ts";
import { Hasher } from "./hasher.ts";
import { trimLetters } from "./letter-store.ts";
import { writeLetters } from "./letters.ts";
import { login } from "./login.ts";
import { getMe, requestVerification, updateMe } from "./me.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { requestPasswordReset, resetPassword, verifyEmail } from "./reset-password.ts";
import { digestOf } from "./secrets.ts";
import { endSessionOf, trimSessions } from "./session-store.ts";
import { toolsOver } from "./tools.ts";

/** The service, with the hasher of its process. */
export const customersWith = (hasher: Hasher) =>
  service("customers", customers, (r) => {
    const tools = toolsOver(r, hasher);
    return {
      actions: {
        register: register(tools),
        login: login(tools),
        refresh: refresh(tools),
        logout: ({ refreshToken }, ctx) =>
          ctx.commit(async (tx) => {
            await endSessionOf(tx, digestOf(refreshToken));
            return {};
          }),
        requestPasswordReset: requestPasswordReset(tools),
        resetPassword: resetPassword(tools),
        requestVerification: requestVerification(tools),
        verifyEmail: verifyEmail(),
        getMe: getMe(tools),
        updateMe: updateMe(tools),
        findAddresses: findAddresses(tools),
        addAddress: addAddress(tools),
        changeAddress: changeAddress(tools),
        removeAddress: removeAddress(tools),
        findCustomers: findCustomers(tools),
        findKeys: async () => (await tools.signer).keys,
      },
      jobs: [
        { name: "write letters", every: 250, work: writeLetters(tools) },
        {
          name: "trim sign-ins",
          every: 600_000,
          async work() {
            await trimSessions(r.db.sql);
            await trimAttempts(r.db.sql);
            await trimLetters(r.db.sql);
          },
        },
      ],
    };
  });

export default customersWith(new Hasher());
