import { decimals, money, type Money } from "../../lib/money.ts";
import { colorsOf, type PartColor } from "./demo-colors.ts";
import { families } from "./demo-families.ts";
import { dimensionsOf, type Family } from "./demo-family.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import { picturePath } from "./picture.ts";

const packSizes = [1, 10, 50, 100];
/** Sold on order even when there are none. */
const onOrder = new Set(["SET-5000", "BSP-48X48-GREEN"]);

interface Part {
  family: Family;
  size: string;
  currency: string;
}

/** The demo shop's products: building bricks and what goes with them, the same at every call. */
export function* demoCatalogue(currency: string): Generator<ProductDraft> {
  for (const family of families) {
    for (const [at, size] of family.sizes.entries()) {
      yield product({ family, size, currency }, at < (family.packs ?? 0) ? packSizes : []);
    }
  }
}

function product(part: Part, packs: number[]): ProductDraft {
  const { family, size } = part;
  const label = labelOf(family, size);
  const title = `${family.name} ${label}`;
  const colors = colorsOf(family.colors);
  const isPlain = family.shape.kind === "pile";
  const color = { name: "Color", values: colors.map(({ name }) => name) };
  const pack = { name: "Pack", values: packs.map(String) };
  return {
    handle: `${family.slug}-${size}`,
    title,
    description: describe(family, title, label),
    vendor: "Klotz & Sohn",
    category: family.category,
    tags: [...new Set([family.korean, family.german, `${family.korean} ${size}`, `${family.german} ${size}`, family.name])],
    published: true,
    options: isPlain ? [] : packs.length > 0 ? [color, pack] : [color],
    images: colors.map((shade) => ({
      url: picturePath({ family, size, color: shade }),
      alt: isPlain ? title : `${title}, ${shade.name}`,
    })),
    variants: isPlain ? [variant(part, colors[0]!, {})] : colors.flatMap((shade) => colorVariants(part, shade, packs)),
  };
}

function labelOf({ shape }: Family, size: string): string {
  const numbers = dimensionsOf(size);
  if (numbers.length === 0) return `${size.charAt(0).toUpperCase()}${size.slice(1)}`;
  if (shape.kind === "wheel") return `${size} mm`;
  if (shape.kind === "gear") return `${size} Teeth`;
  if (shape.kind === "pile") return `${size} Pieces`;
  return numbers.join(" x ");
}

function describe({ korean, german, category, cents }: Family, title: string, label: string): string {
  const group = category.split(" > ").at(-1);
  const fits = cents.stud > 0 ? "It fits every other part of the same grid." : "It stands on one stud.";
  return `<p>${title} from our range of ${group?.toLowerCase()}. ${fits}</p><ul><li>Deutsch: ${german} ${label}</li><li>한국어: ${korean} ${label}</li></ul>`;
}

function colorVariants(part: Part, color: PartColor, packs: number[]): VariantDraft[] {
  if (packs.length === 0) return [variant(part, color, { Color: color.name })];
  return packs.map((count) => variant(part, color, { Color: color.name, Pack: String(count) }, count));
}

function variant({ family, size, currency }: Part, color: PartColor, options: Record<string, string>, count = 1): VariantDraft {
  const isPlain = family.shape.kind === "pile";
  const words = [family.code, size, ...(isPlain ? [] : [color.slug]), ...(count > 1 ? [String(count)] : [])];
  const sku = words.join("-").toUpperCase();
  const cents = centsOf(family, size, color, count);
  const draw = hash(sku);
  return {
    sku,
    options,
    title: Object.values(options).join(" / ") || "Default",
    price: priceOf(cents, currency),
    ...(draw % 17 === 0 && { compareAtPrice: priceOf(Math.ceil(cents * 1.25), currency) }),
    ...stockOf(sku, draw),
    grams: gramsOf(family, size) * count,
    requiresShipping: true,
    taxable: true,
    barcode: "",
    image: picturePath({ family, size, color }),
  };
}

function centsOf({ cents, shape }: Family, size: string, color: PartColor, count: number): number {
  const units = shape.kind === "number" ? 0 : dimensionsOf(size).reduce((area, number) => area * number, cents.stud > 0 ? 1 : 0);
  const single = (cents.base + cents.stud * units) * (color.isClear ? 1.2 : 1);
  const discount = { 10: 0.95, 50: 0.88, 100: 0.8 }[count] ?? 1;
  const exact = Math.round(single * count * discount);
  // Dearer things end in 9, as in any shop.
  return exact < 100 ? exact : exact < 2_000 ? Math.ceil(exact / 10) * 10 - 1 : Math.ceil(exact / 100) * 100 - 1;
}

/** Prices are thought of in cents; a currency without decimals (won, yen) counts about fifteen units to the cent. */
function priceOf(cents: number, currency: string): Money {
  const places = decimals(currency);
  return money(places === 0 ? cents * 15 : cents * 10 ** (places - 2), currency);
}

function gramsOf({ shape }: Family, size: string): number {
  const units = dimensionsOf(size).reduce((area, number) => area * number, 1);
  const perUnit = "plates" in shape ? shape.plates * 0.1 : shape.kind === "pile" ? 1.3 : 0.4;
  return Math.max(1, Math.round(units * perUnit));
}

/** Most parts are there by the hundred, some are short, a few sold out, and a few are not counted. */
function stockOf(sku: string, draw: number): Pick<VariantDraft, "tracked" | "quantity" | "policy"> {
  if (onOrder.has(sku)) return { tracked: true, quantity: 0, policy: "continue" };
  const share = draw % 100;
  const quantity = share < 3 ? 0 : share < 10 ? 1 + (draw % 5) : 200 + (draw % 700);
  return share >= 98 ? { tracked: false, quantity: 0, policy: "deny" } : { tracked: true, quantity, policy: "deny" };
}

/** FNV-1a: spreads SKUs evenly, the same everywhere. */
function hash(text: string): number {
  const sum = [...text].reduce((before, letter) => Math.imul(before ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return (sum ^ (sum >>> 15)) >>> 0;
}
