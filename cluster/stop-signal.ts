export interface Stop {
  readonly signal: AbortSignal;
  readonly asked: Promise<void>;
  /** Asks for the stop from within. */
  ask(): void;
}

/** The first Ctrl-C or SIGTERM asks for an orderly stop, the second one ends the process at once. */
export function stopSignal(): Stop {
  const controller = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const ask = (): void => {
    controller.abort();
    resolve();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      ask();
    });
  }
  return { signal: controller.signal, asked, ask };
}
