import { InvalidArgumentError, Option } from "commander";

/** Which running system a command means, or where a new one keeps its data. */
export const dataOption = () =>
  new Option("--data <folder>", "the folder of the running shop").env("BRICKWORK_DATA").default("./data");

/** Prints JSON for programs instead of lines for people. */
export const jsonOption = () => new Option("--json", "print JSON");

/** A TCP port; 0 takes a free one. */
export const portOption = () =>
  new Option("--port <port>", "the port of the gateway, 0 for a free one").argParser((text: string) => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new InvalidArgumentError("It is not a number from 0 to 65535.");
    return port;
  });
