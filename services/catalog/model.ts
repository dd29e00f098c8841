import type { Category } from "./contract.ts";
import { idFor } from "../../lib/ids.ts";

/**
 * Makes texts comparable that people take for the same: case, accents, "ß" and "ss", "2 × 4" and "2x4". Korean syllables stay
 * whole.
 */
export function fold(text: string): string {
  const plain = text.toLowerCase().replaceAll("ß", "ss").normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFC");
  const spaced = plain.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return spaced.replace(/(?<=\d) ?[x×] ?(?=\d)/g, "x");
}

// The commonest English and German words that say nothing about a product.
const fillers = new Set(
  "a an and the of for with in on to der die das den dem ein eine einen einem und oder mit fur im am aus von zum zur".split(" "),
);

/** What a folded search asks for: every one of these must occur. Words like "the" are left out, unless there is nothing else. */
export function wordsOf(folded: string): string[] {
  const words = [...new Set(folded.split(/[\s,;]+/).filter((word) => word !== ""))];
  const telling = words.filter((word) => !fillers.has(word));
  return telling.length > 0 ? telling : words;
}

/** A pattern for LIKE that finds the text anywhere. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** Short enough that a cursor can carry it. */
export const titleKeyOf = (title: string): string => [...fold(title)].slice(0, 60).join("");

export interface Searchable {
  readonly title: string;
  readonly tags: readonly string[];
  readonly vendor: string;
  readonly category: string;
  readonly skus: readonly string[];
}

/**
 * All that search looks at: the title, then every tag, vendor and category between line breaks, then every SKU between tabs. So
 * a whole field can be told from a part of it, and words, which hold no white space, never match across fields.
 */
export function searchTextOf({ title, tags, vendor, category, skus }: Searchable): string {
  const fields = [title, ...tags, vendor, category].map(fold);
  return `${fields.join("\n")}\n\t${skus.map(fold).join("\t")}\t`;
}

export interface CategoryRow {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly parentId: string | null;
}

/** "Bricks > Basic bricks" as categories, the outermost first. The same name in other letters is the same category. */
export function categoryPath(category: string): CategoryRow[] {
  const names = category.split(">").map((name) => name.trim());
  const path: CategoryRow[] = [];
  for (const name of names.filter((part) => part !== "")) {
    const parent = path.at(-1);
    const handle = parent ? `${parent.handle}/${slugOf(name)}` : slugOf(name);
    path.push({ id: idFor("cat", handle), handle, name, parentId: parent?.id ?? null });
  }
  return path;
}

/** A name as a part of addresses. */
export const slugOf = (name: string): string =>
  fold(name)
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "") || "-";

/** Categories with their own products counted, as a tree in which parents count their children's too. */
export function categoryTree(rows: readonly (CategoryRow & { readonly count: number })[]): Category[] {
  const childrenOf = Map.groupBy(rows, ({ parentId }) => parentId);
  const below = (parent: string | null): Category[] =>
    (childrenOf.get(parent) ?? []).map(({ id, handle, name, count: own }) => {
      const children = below(id);
      return { id, handle, name, count: children.reduce((sum, { count }) => sum + count, own), children };
    });
  return below(null);
}
