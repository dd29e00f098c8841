import { openDatabase } from "../../lib/database.ts";
import { armFailpoint } from "../../lib/failpoint.ts";
import { tellShortStories, tellStory, tillOn } from "./story.support.ts";

// Run by tests as a process of its own: tells the stories of two orders and dies by its own hand at a failpoint. Arguments:
// the database's URL, the orders' ids, the failpoint.
const [url = "", long = "", short = "", point = ""] = process.argv.slice(2);
const db = openDatabase(url, { service: "payments", poolSize: 2 });
armFailpoint(point);
await tellStory(tillOn(db), long);
await tellShortStories(tillOn(db), short);
await db.close();
