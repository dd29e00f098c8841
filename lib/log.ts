import { currentScope } from "./scope.ts";

type Fields = Record<string, unknown>;

/** What a service may say to its operator. Never pass secrets or personal data. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

type Level = keyof Log;
type Sink = Record<Level, (...args: unknown[]) => void>;

/** A log over a broker's logger: each line carries the id of the request it belongs to. */
export function logOver(sink: Sink): Log {
  const at = (level: Level) => (message: string, fields?: Fields) => {
    const requestId = currentScope()?.requestId;
    const all = { ...(requestId && { requestId }), ...fields };
    if (Object.keys(all).length > 0) sink[level](message, all);
    else sink[level](message);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The part of an error that may be logged: its message with those of its causes, and the stack. */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, stack: error.stack, ...(error.cause !== undefined && { cause: errorFields(error.cause) }) };
}
