/** Whether somebody with these scopes may hand this one on. What may be written may be read, and `*` is everything. */
export function coveredBy(scopes: readonly string[], wanted: string): boolean {
  if (scopes.includes("*") || scopes.includes(wanted)) return true;
  if (wanted === "*") return false;
  const [service = "", right = ""] = wanted.split(":");
  const rights = right === "read" ? ["read", "write"] : ["write"];
  return rights.some((own) => scopes.includes(`${service}:${own}`) || scopes.includes(`*:${own}`));
}
