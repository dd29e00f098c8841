/** Stops and removes what `global-setup.ts` has started and made. */
export default async function tearDown(): Promise<void> {
  await globalThis.endTestRun?.();
}
