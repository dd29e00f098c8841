import { readFileSync } from "node:fs";

/** Whether the tests of a file start whole shops, of which each can do with all of a machine. */
export const startsShops = (path: string): boolean => readFileSync(path, "utf8").includes("support/shop.ts");
