import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Address, CartId } from "../carts/contract.ts";

export const CustomerId = Id("cus");
export const AddressId = Id("adr");
export type CustomerId = z.output<typeof CustomerId>;

/** An address is the same account however it is typed, so it travels in one form: lower case, nothing around it. */
export const Email = z.string().trim().toLowerCase().check(z.email()).max(254);

/** Long passphrases are welcome; nothing is cut off. What too many others use is refused. */
export const Password = z.string().min(8).max(256);

export const SavedAddress = Address.extend({ id: AddressId });

export const Customer = z.object({
  id: CustomerId,
  email: Email,
  isEmailVerified: z.boolean(),
  name: z.string().nullable(),
  addresses: z.array(SavedAddress),
  registeredAt: z.iso.datetime(),
});
export type Customer = z.output<typeof Customer>;

/** `accessToken` goes into `Authorization: Bearer`; `refreshToken` gives the next pair, once. `expiresIn` is in seconds. */
export const Session = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int(),
  /** The customer's open cart, with what was in the guest's cart that was named. */
  cartId: CartId.nullable(),
});

const Credentials = z.object({ email: Email, password: Password, cartId: CartId.optional() });
const Token = z.string().min(16).max(512);

/** Milliseconds. Passwords wait for their turn to be hashed, and the cart is asked for after that. */
const SIGN_IN = 8_000;

export const register = action("customers.register", {
  summary:
    "Opens an account and signs its owner in. A mail asks to confirm the address. Where there is such an account already, its password signs in and any other one is refused.",
  input: Credentials.extend({ name: z.string().trim().min(1).max(120).optional() }),
  output: Session,
  access: "public",
  timeout: SIGN_IN,
  // The kernel would keep the tokens, and a digest of the password. Who registers again is signed in.
  http: { route: "POST /auth/v1/register", limit: "login", status: 201, faults: ["conflict", "rate_limited"], keepsKey: true },
});

export const login = action("customers.login", {
  summary: "Signs in. A guest's cart that is named joins the customer's.",
  input: Credentials.extend({ password: z.string().min(1).max(256) }),
  output: Session,
  access: "public",
  timeout: SIGN_IN,
  http: { route: "POST /auth/v1/login", limit: "login", faults: ["unauthorized", "rate_limited"], keepsKey: true },
});

export const refresh = action("customers.refresh", {
  summary:
    "Gives a new pair of tokens for a refresh token, which is spent by that. A spent one ends the session, unless it comes again under the same Idempotency-Key: then the answer is the same pair.",
  input: z.object({ refreshToken: Token }),
  output: Session.omit({ cartId: true }),
  access: "public",
  http: { route: "POST /auth/v1/refresh", faults: ["unauthorized"], keepsKey: true },
});

export const logout = action("customers.logout", {
  summary: "Ends the session of a refresh token.",
  input: z.object({ refreshToken: Token }),
  output: z.object({}),
  access: "public",
  http: { route: "POST /auth/v1/logout" },
});

export const requestPasswordReset = action("customers.requestPasswordReset", {
  summary:
    "Sends a mail with a link to set a new password, if there is such an account. The answer is the same if there is none.",
  input: z.object({ email: Email }),
  output: z.object({}),
  access: "public",
  http: { route: "POST /auth/v1/password-reset", limit: "login", status: 202, faults: ["rate_limited"] },
});

export const resetPassword = action("customers.resetPassword", {
  summary: "Sets a new password with the token of such a mail. All sessions end.",
  input: z.object({ token: Token, password: Password }),
  output: z.object({}),
  access: "public",
  http: { route: "POST /auth/v1/password-reset/confirm", limit: "login", faults: ["unauthorized", "rate_limited"] },
});

export const requestVerification = action("customers.requestVerification", {
  summary: "Sends the mail again that asks to confirm the customer's address. Does nothing when it is confirmed.",
  input: z.object({}),
  output: z.object({}),
  access: "customer",
  http: { route: "POST /store/v1/customers/me/verification", limit: "login", status: 202, faults: ["rate_limited"] },
});

export const verifyEmail = action("customers.verifyEmail", {
  summary: "Confirms an email address with the token of the mail. Orders that a guest placed with it become the customer's.",
  input: z.object({ token: Token }),
  output: z.object({}),
  access: "public",
  http: { route: "POST /auth/v1/verify-email", limit: "login", faults: ["unauthorized"] },
});

export const getMe = action("customers.getMe", {
  summary: "The customer who asks.",
  input: z.object({}),
  output: Customer,
  access: "customer",
  http: "GET /store/v1/customers/me",
});

export const updateMe = action("customers.updateMe", {
  summary: "Changes the customer's name or password; the password with the present one. A new password ends all other sessions.",
  input: z.object({
    name: z.string().trim().min(1).max(120).optional(),
    password: Password.optional(),
    currentPassword: z.string().min(1).max(256).optional(),
  }),
  output: Customer,
  access: "customer",
  http: { route: "PATCH /store/v1/customers/me", faults: ["unauthorized", "rate_limited"] },
});

export const findAddresses = action("customers.findAddresses", {
  summary: "The customer's addresses.",
  input: z.object({}),
  output: z.object({ data: z.array(SavedAddress) }),
  access: "customer",
  http: "GET /store/v1/customers/me/addresses",
});

export const addAddress = action("customers.addAddress", {
  summary: "Adds an address.",
  input: Address,
  output: SavedAddress,
  access: "customer",
  http: { route: "POST /store/v1/customers/me/addresses", status: 201, faults: ["conflict"] },
});

export const changeAddress = action("customers.changeAddress", {
  summary: "Replaces an address.",
  input: Address.extend({ addressId: AddressId }),
  output: SavedAddress,
  access: "customer",
  http: { route: "PUT /store/v1/customers/me/addresses/:addressId", faults: ["not_found"] },
});

export const removeAddress = action("customers.removeAddress", {
  summary: "Removes an address.",
  input: z.object({ addressId: AddressId }),
  output: z.object({}),
  access: "customer",
  http: { route: "DELETE /store/v1/customers/me/addresses/:addressId", faults: ["not_found"] },
});

export const findCustomers = action("customers.findCustomers", {
  summary: "Customers, newest first; by how the email begins.",
  input: z.object({ email: z.string().max(254).optional(), ...paging }),
  output: page(Customer),
  access: "admin",
  http: "GET /admin/v1/customers",
});

export const findKeys = action("customers.findKeys", {
  summary: "The public keys that access tokens are verified with, as a JSON Web Key Set.",
  input: z.object({}),
  output: z.object({
    issuer: z.string(),
    audience: z.string(),
    keys: z.array(
      z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() }),
    ),
  }),
  repeat: "safe",
  timeout: 2_000,
});

/** An account was opened. */
export const registered = event("customers.registered", "customerId", z.object({ customerId: CustomerId, email: Email }));

/** The owner of an account has shown that the address is theirs. */
export const emailVerified = event("customers.emailVerified", "customerId", z.object({ customerId: CustomerId, email: Email }));
