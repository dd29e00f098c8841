/** A password's hash with everything that is needed to compute it again: a string in the PHC format. */
export interface Phc {
  readonly algorithm: string;
  readonly version?: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

/** `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` */
export function writePhc({ algorithm, version, parameters, salt, hash }: Phc): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const parts = [algorithm, ...(version === undefined ? [] : [`v=${version}`]), list.join(","), base64(salt), base64(hash)];
  return parts.map((part) => `$${part}`).join("");
}

const FORM = /^\$([a-z0-9-]+)(?:\$v=(\d+))?\$([a-z]+=\d+(?:,[a-z]+=\d+)*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Throws unless the text has the form that `writePhc` gives. */
export function readPhc(text: string): Phc {
  const [, algorithm, version, list, salt, hash] = FORM.exec(text) ?? [];
  if (!algorithm || !list || !salt || !hash) throw new Error("A stored password does not have the PHC format.");
  const parameters = list.split(",").map((pair) => pair.split("=") as [string, string]);
  return {
    algorithm,
    ...(version !== undefined && { version: Number(version) }),
    parameters: Object.fromEntries(parameters.map(([name, value]) => [name, Number(value)])),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}
