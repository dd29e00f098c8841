import { createHash } from "node:crypto";
import { extraOf, type Cells } from "./cells.ts";
import { fold } from "./model.ts";

/** One thing that products can be narrowed down by: the option Color with the value Red, the vendor, a tag. Folded, with the label as it was written. */
export interface Facet {
  readonly name: string;
  readonly value: string;
  readonly label: string;
}

interface Described {
  readonly vendor: string;
  readonly tags: readonly string[];
  readonly cells: Cells;
}

/** Longer texts are descriptions, by which nobody narrows a list down. */
const LONGEST = 100;

/** All facets of a product: values of its options, its vendor, its tags, and the attributes that its metafields are. */
export function facetsOf(product: Described, options: readonly (readonly [name: string, value: string])[]): Facet[] {
  const pairs = [...options, ["vendor", product.vendor] as const, ...product.tags.map((tag) => ["tag", tag] as const)];
  const all = [...pairs, ...attributesOf(product.cells)].map(([name, label]) => ({
    name: fold(name),
    value: fold(label),
    label,
  }));
  const good = all.filter(({ name, value, label }) => name !== "" && value !== "" && label.length <= LONGEST);
  return [...new Map(good.toReversed().map((facet) => [`${facet.name}\n${facet.value}`, facet])).values()];
}

/** Shopify writes a metafield as "Fabric (product.metafields.custom.fabric)", and several values with semicolons between. */
function attributesOf(cells: Cells): (readonly [name: string, value: string])[] {
  return Object.entries(extraOf(cells)).flatMap(([column, text]) => {
    const [, name] = /\(product\.metafields\.[^.()]+\.([^.()]+)\)$/.exec(column) ?? [];
    if (!name) return [];
    return text.split(";").map((value) => [name, value.trim()] as const);
  });
}

/** All facets of one name that a product has, by their ids. */
export interface FacetSet {
  readonly name: string;
  readonly digest: string;
  readonly facets: readonly number[];
}

/** The sets that a product's facets form. */
export function facetSets(facets: readonly Facet[], idOf: (facet: Facet) => number): FacetSet[] {
  return [...Map.groupBy(facets, ({ name }) => name)].map(([name, same]) => {
    const ids = same.map(idOf).toSorted((a, b) => a - b);
    return { name, digest: createHash("sha256").update(ids.join()).digest("base64url").slice(0, 22), facets: ids };
  });
}
