/** A colour of the demo's parts. `slug` is part of picture addresses and, upper-cased, of SKUs. */
export interface PartColor {
  slug: string;
  name: string;
  hex: string;
  isClear?: true;
}

const palette: PartColor[] = [
  { slug: "red", name: "Red", hex: "#cf2233" },
  { slug: "blue", name: "Blue", hex: "#1f62b8" },
  { slug: "yellow", name: "Yellow", hex: "#f7c61d" },
  { slug: "green", name: "Green", hex: "#2b9144" },
  { slug: "white", name: "White", hex: "#f2f2ee" },
  { slug: "black", name: "Black", hex: "#2b2f36" },
  { slug: "light-gray", name: "Light Gray", hex: "#a9afb4" },
  { slug: "dark-gray", name: "Dark Gray", hex: "#636a70" },
  { slug: "tan", name: "Tan", hex: "#ddc692" },
  { slug: "brown", name: "Brown", hex: "#714426" },
  { slug: "orange", name: "Orange", hex: "#f0801f" },
  { slug: "lime", name: "Lime", hex: "#a5c930" },
  { slug: "azure", name: "Azure", hex: "#3daadb" },
  { slug: "pink", name: "Pink", hex: "#ee9bc1" },
  { slug: "purple", name: "Purple", hex: "#643f93" },
  { slug: "dark-red", name: "Dark Red", hex: "#7d1724" },
  { slug: "dark-green", name: "Dark Green", hex: "#1a5634" },
  { slug: "sand-green", name: "Sand Green", hex: "#82a891" },
  { slug: "navy", name: "Navy", hex: "#20365f" },
  { slug: "clear", name: "Clear", hex: "#d5e6ee", isClear: true },
  { slug: "clear-blue", name: "Clear Blue", hex: "#63bbe8", isClear: true },
  { slug: "clear-red", name: "Clear Red", hex: "#e2444c", isClear: true },
  { slug: "mixed", name: "Mixed", hex: "#cf2233" },
];

const bySlug = new Map(palette.map((color) => [color.slug, color]));

/** The colour of that slug, if there is one. */
export const findColor = (slug: string): PartColor | undefined => bySlug.get(slug);

/** The colours that a family of parts comes in. */
export function colorsOf(slugs: string): PartColor[] {
  return slugs.split(" ").map((slug) => {
    const color = bySlug.get(slug);
    if (!color) throw new RangeError(`no colour is called ${slug}`);
    return color;
  });
}
