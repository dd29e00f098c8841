import { createHash } from "node:crypto";

const longest = 48;

/**
 * A stable SKU for a variant that comes without one: the handle and the option values in ASCII, "CHAIN-BRACELET_BLUE". Where
 * that loses or cuts anything (accents, Korean, length), a hash of the full text keeps different variants apart.
 */
export function skuFor(handle: string, values: string[]): string {
  const parts = [handle, ...values];
  const slugs = parts.map(slug);
  const readable = slugs.filter((part) => part !== "").join("_");
  const isFaithful = parts.every((part, at) => part.toLowerCase().replaceAll(" ", "-") === slugs[at]);
  if (isFaithful && readable.length <= longest) return readable.toUpperCase();
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  return `${readable.slice(0, longest).replace(/[-_]+$/, "") || "sku"}-${hash}`.toUpperCase();
}

function slug(text: string): string {
  const ascii = text.toLowerCase().replaceAll("ß", "ss").normalize("NFKD").replace(/\p{M}/gu, "");
  return ascii.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
