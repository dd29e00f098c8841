import { bricks } from "./demo-bricks.ts";
import type { Family } from "./demo-family.ts";
import { parts } from "./demo-parts.ts";

/** All parts of the demo shop. */
export const families: Family[] = [...bricks, ...parts];

const bySlug = new Map(families.map((item) => [item.slug, item]));

/** The family of that slug, if there is one. */
export const findFamily = (slug: string): Family | undefined => bySlug.get(slug);
