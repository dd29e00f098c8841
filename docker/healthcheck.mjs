// The health check of a container: exits 0 when its node works, else says in one line what is wrong and exits 1.
import { Redis } from "ioredis";

const { SERVICE, PORT, REDIS_URL } = process.env;
const PATIENCE = 4_000;

/** Seconds. Nodes send a heartbeat every two; who is silent for thirty has long been gone for the others. */
const SILENCE = 30;

try {
  await (SERVICE === "gateway" ? askGateway() : lookAtBus());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function askGateway() {
  const answer = await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The node of this container has two connections to Redis: one listens, and one speaks at least as often as the heartbeat. */
async function lookAtBus() {
  const options = { lazyConnect: true, connectTimeout: PATIENCE, commandTimeout: PATIENCE, retryStrategy: () => null };
  const redis = new Redis(REDIS_URL, options);
  let reason;
  redis.on("error", (error) => (reason ??= error));
  try {
    await redis.connect();
    const here = addressOf(fieldsOf(String(await redis.client("INFO"))));
    const clients = String(await redis.client("LIST"))
      .trim()
      .split("\n")
      .map(fieldsOf);
    const own = clients.filter((client) => addressOf(client) === here);
    const listens = own.some(({ name, sub }) => name.endsWith(":sub") && Number(sub) > 0);
    const speaks = own.some(({ name, idle }) => name.endsWith(":pub") && Number(idle) < SILENCE);
    if (!listens) throw new Error(`${SERVICE} does not listen on the bus`);
    if (!speaks) throw new Error(`${SERVICE} has said nothing on the bus for ${SILENCE} s`);
  } catch (error) {
    // ioredis tells a command that the connection is closed, and only the connection why.
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}

/** "id=7 addr=172.18.0.4:51234 name=orders-1a2b:sub sub=12 …" */
function fieldsOf(line) {
  const pairs = line
    .trim()
    .split(" ")
    .map((field) => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)]);
  return Object.fromEntries(pairs);
}

function addressOf({ addr }) {
  return addr.slice(0, addr.lastIndexOf(":"));
}
