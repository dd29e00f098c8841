import { openDatabase } from "../database.ts";
import { armFailpoint } from "../failpoint.ts";
import { silent } from "../../test/support/logs.ts";
import { callOver, goes, refused } from "./saga.fixture.ts";
import { startSagas } from "./runner.ts";

// Run by tests as a process of its own: starts a saga and dies by its own hand at a failpoint. Arguments: the database's
// URL, the far service's, the saga's name, version and id, the failpoint.
const [url = "", farUrl = "", name = "", version = "", id = "", point = ""] = process.argv.slice(2);
const db = openDatabase(url, { service: "shop", poolSize: 2 });
const far = openDatabase(farUrl, { service: "far", poolSize: 2 });
const definition = { ...(name === goes.name ? goes : refused), version: Number(version) };
armFailpoint(point);
const sagas = startSagas({
  db,
  service: "shop",
  definitions: [definition],
  call: callOver(far),
  log: silent,
  node: id,
  timings: { lease: 500 },
});
await db.transaction((tx) => sagas.start(tx, definition, { id, state: { sagaId: id, done: [] } }));
await sagas.outcome(id, 5_000);
await sagas.stop();
await Promise.all([db.close(), far.close()]);
