/** How a part is drawn. Numbers: `plates` is the height in plates (3 make a brick). */
export type Shape =
  | {
      kind: "block";
      plates: number;
      studs: "all" | "one" | "none";
      front?: "logs" | "masonry" | "studs" | "holes" | "window" | "door" | "fence";
    }
  | { kind: "slope"; profile: "straight" | "inverted" | "ridge" | "curved" }
  | { kind: "round"; plates: number; studs: "all" | "none"; top?: "cone" | "dome" }
  | { kind: "corner" | "wedge"; plates: number }
  | { kind: "arch" | "beam" | "axle" | "pin" | "gear" | "wheel" | "figure" | "tree" | "number" | "pile" };

/** Parts of one kind in several sizes. Cents: what the smallest costs and what a stud (or a piece, a hole, a tooth) adds. */
export interface Family {
  slug: string;
  code: string;
  name: string;
  korean: string;
  german: string;
  category: string;
  shape: Shape;
  sizes: string[];
  colors: string;
  cents: { base: number; stud: number };
  /** The first so many sizes come in packs as well. */
  packs?: number;
}

/** The colours that parts come in. */
export const ranges = {
  basic: "red blue yellow green white black light-gray dark-gray tan orange",
  many: "red blue yellow green white black light-gray dark-gray tan orange brown lime azure",
  some: "red blue yellow white black light-gray dark-gray",
  roofs: "red dark-red brown black dark-gray sand-green blue",
  frames: "white black brown red light-gray",
  technical: "black light-gray dark-gray red yellow blue",
};

/** One line of the table of parts: slug, code, English, Korean and German name, category; then sizes, colours, cents, packs. */
export const family = (
  [slug, code, name, korean, german, category]: [string, string, string, string, string, string],
  shape: Shape,
  sizes: string,
  colors: string,
  [base, stud]: [number, number],
  packs = 0,
): Family => ({
  slug,
  code,
  name,
  korean,
  german,
  category,
  shape,
  sizes: sizes.split(" "),
  colors,
  cents: { base, stud },
  packs,
});

/** A block of that height in plates. */
export const block = (plates: number, studs: "all" | "one" | "none" = "all"): Shape => ({ kind: "block", plates, studs });

/** The numbers in a size: [2, 4] for "2x4", [] for a name. The first is a width or a length, the last of three a height. */
export const dimensionsOf = (size: string): number[] => (/^\d+(x\d+)*$/.test(size) ? size.split("x").map(Number) : []);
