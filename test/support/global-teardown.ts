/** Stops what `global-setup.ts` has started. */
export default async function tearDown(): Promise<void> {
  await globalThis.stopTestPostgres?.();
}
