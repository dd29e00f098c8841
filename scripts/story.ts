import { parseArgs } from "node:util";
import { SHAPES, startShop } from "../test/support/shop.ts";
import { liveADay } from "./story/day.ts";
import { teller } from "./story/teller.ts";

/** Plays a shop's day over HTTP, in one process and with a process per service, and closes the books. Exits 1 when they do not balance. */

const { values } = parseArgs({ options: { shape: { type: "string" } } });
const shapes = SHAPES.filter((shape) => !values.shape || shape === values.shape);
if (shapes.length === 0) {
  process.stderr.write(`There is no shape "${values.shape}": it is one of ${SHAPES.map((shape) => `"${shape}"`).join(", ")}.\n`);
  process.exit(1);
}

// Short, so that nobody has to wait for a reservation to run out.
const environment = { RESERVATION_MS: "2000" };

for (const shape of shapes) {
  const tell = teller();
  tell.title(`A day in a shop: ${shape === "split" ? "a process per service" : shape}`);
  await using shop = await startShop({ shape, environment });
  await liveADay(shop, tell);
}
