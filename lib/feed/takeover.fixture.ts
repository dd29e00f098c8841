import { openDatabase } from "../database.ts";
import { confirmed, recordOn } from "./feed.support.ts";
import { openFeed } from "../feed.ts";
import { silent } from "../../test/support/logs.ts";
import { on, startReactions } from "../reactions.ts";

// Run by a test as a process of its own: reads the feed of the first database into the second, and stays in the middle of
// the handler of the event whose value is the third argument, after its writes and before the commit, until it is killed.
const [feedUrl = "", url = "", last = ""] = process.argv.slice(2);
const feed = openFeed(openDatabase(feedUrl, { service: "orders", poolSize: 1 }), "orders");
const record = recordOn("victim");
const reaction = on(confirmed, async (payload, tx, envelope) => {
  await record.run(payload, tx, envelope);
  if (payload.value !== Number(last)) return;
  process.stdout.write("in the middle\n");
  await new Promise(() => undefined);
});
startReactions({
  db: openDatabase(url, { service: "insights", poolSize: 2 }),
  service: "insights",
  reactions: [reaction],
  readFeed: (_feed, query) => feed.read(query),
  log: silent,
  node: `victim-${process.pid}`,
  timings: { lease: 600, batch: 3 },
});
