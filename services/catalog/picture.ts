import { findColor, type PartColor } from "./demo-colors.ts";
import { findFamily } from "./demo-families.ts";
import { dimensionsOf, type Family } from "./demo-family.ts";
import { block } from "./picture-blocks.ts";
import { type Drawing, short } from "./picture-geometry.ts";
import { type Paint, paintOf } from "./picture-paint.ts";
import { arch, corner, round, slope, wedge } from "./picture-shapes.ts";
import { axle, beam, figure, gear, numberTile, pile, pin, plant, wheel } from "./picture-things.ts";

/** Which part in which colour. Only known families, their sizes and known colours make a spec: see parsePicturePath. */
export interface PictureSpec {
  family: Family;
  size: string;
  color: PartColor;
}

const side = 400;
const backdrop = `<radialGradient id="k" cy=".42"><stop stop-color="#fbfcfd"/><stop offset="1" stop-color="#e3e8ee"/></radialGradient>`;
const shadow =
  `<filter id="d" x="-20%" y="-20%" width="140%" height="160%"><feGaussianBlur in="SourceAlpha" stdDeviation="8"/><feOffset dx="-2" dy="9"/>` +
  `<feComponentTransfer><feFuncA type="linear" slope=".28"/></feComponentTransfer>` +
  `<feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>`;
const folder = "/media/parts/";

/** The address of a part's picture, "/media/parts/brick_2x4_red.svg". */
export function picturePath({ family, size, color }: PictureSpec): string {
  return `${folder}${family.slug}_${size}_${color.slug}.svg`;
}

/** Reads an address as picturePath makes it, or its file name alone. Undefined when the demo shop has no such part. */
export function parsePicturePath(path: string): PictureSpec | undefined {
  const name = path.startsWith(folder) ? path.slice(folder.length) : path;
  const [, familySlug = "", size = "", colorSlug = ""] =
    /^([a-z0-9-]{1,40})_([a-z0-9]{1,20})_([a-z-]{1,20})\.svg$/.exec(name) ?? [];
  const family = findFamily(familySlug);
  const color = findColor(colorSlug);
  if (!family?.sizes.includes(size) || !color || !family.colors.split(" ").includes(color.slug)) return undefined;
  return { family, size, color };
}

/** Draws a part as an SVG document. */
export function partPicture(spec: PictureSpec): string {
  const paint = paintOf(spec.color);
  const drawing = draw(spec, paint);
  const { left, top, right, bottom } = drawing.box;
  const scale = Math.min(310 / (right - left), 300 / (bottom - top), 92);
  const place = `translate(${short(side / 2 - (scale * (left + right)) / 2)} ${short(side / 2 - (scale * (top + bottom)) / 2)}) scale(${short(scale)})`;
  const opacity = spec.color.isClear ? ' opacity=".78"' : "";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}"><defs>${backdrop}${shadow}${paint.defs}</defs>` +
    `<rect width="${side}" height="${side}" fill="url(#k)"/>` +
    `<g filter="url(#d)"><g transform="${place}" stroke-width=".015" stroke-linejoin="round"${opacity}>${drawing.svg}</g></g></svg>`
  );
}

function draw({ family: { shape }, size, color }: PictureSpec, paint: Paint): Drawing {
  const [first = 1, second = 1, third = 1] = dimensionsOf(size);
  // Blocks lie with their long side to the right; of a slope the first number is the way down.
  const lying: [number, number, number] = [Math.max(first, second), Math.min(first, second), third];
  switch (shape.kind) {
    case "block":
      return block(shape, lying, paint);
    case "slope":
      return slope(shape.profile, [first, second, third], paint);
    case "round":
      return round(shape, [first, second, third], paint);
    case "corner":
      return corner(first, paint);
    case "wedge":
      return wedge(lying, paint);
    case "arch":
      return arch(second, paint);
    case "number":
      return numberTile(String(first), paint, color.slug === "black" ? "#f2f2ee" : "#23262b");
    case "figure":
      return figure(size, paint);
    case "tree":
      return plant(size, paint);
    default:
      return { beam, axle, pin, gear, wheel, pile: (pieces: number) => pile(pieces) }[shape.kind](first, paint);
  }
}
