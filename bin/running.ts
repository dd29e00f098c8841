import { callRunning, reach } from "../cluster/control.ts";

/** Calls one action of the running system of a data folder. What the system says meanwhile goes to `hear`. Throws an OperatorError. */
export async function callOnce<T>(
  data: string,
  action: { readonly name: string },
  input: Record<string, unknown> = {},
  hear?: (line: string) => void,
): Promise<T> {
  const wire = await reach(data);
  try {
    if (hear) wire.onNews("said", (line) => hear(String(line)));
    return await callRunning<T>(wire, action.name, input);
  } finally {
    wire.close();
  }
}

/** Prints JSON for programs. */
export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Prints lines for people. */
export const print = (...lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(""));

/** Tells how things go on, beside the result. */
export const tell = (line: string): void => void process.stderr.write(`brickwork: ${line}\n`);
