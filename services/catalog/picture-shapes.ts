import type { Shape } from "./demo-family.ts";
import { box, plate, studs } from "./picture-blocks.ts";
import { cylinder, type Drawing, ellipseOf, type Point, polygon, prism, project, short, stack } from "./picture-geometry.ts";
import type { Paint } from "./picture-paint.ts";

const lip = 0.14;

type Profile = Extract<Shape, { kind: "slope" }>["profile"];
type Flat = [x: number, z: number];

/** Slopes: `run` is how far the roof reaches, `width` how long its edge is, `tall` the height in bricks. */
export function slope(profile: Profile, [run, width, tall]: [number, number, number], paint: Paint): Drawing {
  const high = 3 * plate * tall;
  const body = prism(slopeOutline(profile, run, high), 0, width, paint.face);
  if (profile === "ridge" || profile === "curved") return body;
  return stack(body, studs([0, 0, high], [profile === "inverted" ? run : 1, width], paint));
}

function slopeOutline(profile: Profile, run: number, high: number): Flat[] {
  const foot: Flat[] = [
    [0, 0],
    [profile === "inverted" ? 1 : run, 0],
  ];
  const back: Flat = [0, high];
  if (profile === "straight") return [...foot, [run, lip], [1, high], back];
  if (profile === "inverted") return [...foot, [run, high - 0.3], [run, high], back];
  if (profile === "ridge") return [...foot, [run, lip], [run / 2, high * 0.9], [0, lip]];
  const arc = Array.from({ length: 9 }, (_, at): Flat => {
    const angle = (at * Math.PI) / 16;
    return [run * Math.cos(angle), lip + (high - lip) * Math.sin(angle)];
  });
  return [...foot, ...arc];
}

/** Round bricks, plates, tiles, cones, domes and columns of the given diameter. */
export function round(
  shape: Extract<Shape, { kind: "round" }>,
  [diameter, , tall]: [number, number, number],
  paint: Paint,
): Drawing {
  const radius = diameter / 2 - 0.02;
  const high = shape.plates * plate * tall;
  const at: Point = [diameter / 2, diameter / 2, 0];
  if (shape.top === "dome")
    return stack(cylinder(at, radius, radius, 0.2, paint.round, paint.top), dome([at[0], at[1], 0.2], radius, paint.round));
  const upper = shape.top === "cone" ? Math.max(0.32, radius * 0.5) : radius;
  const body = cylinder(at, radius, upper, high, paint.round, paint.top);
  if (shape.studs === "none") return body;
  const isSingle = diameter < 2 || shape.top === "cone";
  return stack(
    body,
    isSingle ? studs([diameter / 2 - 0.5, diameter / 2 - 0.5, high], [1, 1], paint) : roundStuds(diameter, high, paint),
  );
}

/** Rows of studs as far as they stand on a round lid. */
function roundStuds(diameter: number, high: number, paint: Paint): Drawing {
  const fits = (x: number, y: number) => Math.hypot(x + 0.5 - diameter / 2, y + 0.5 - diameter / 2) <= diameter / 2 - 0.26;
  const rows = Array.from({ length: diameter }, (_, y) => {
    const first = Array.from({ length: diameter }, (__, x) => x).find((x) => fits(x, y));
    return first === undefined ? [] : [studs([first, y, high], [diameter - 2 * first, 1], paint)];
  });
  return stack(...rows.flat());
}

/** The upper half of a ball. */
export function dome(center: Point, radius: number, fill: string): Drawing {
  const [x, y] = project(center);
  const [a, b] = ellipseOf(radius);
  const d = `M${short(x - a)} ${short(y)}A${short(a)} ${short(a)} 0 0 1 ${short(x + a)} ${short(y)}A${short(a)} ${short(b)} 0 0 1 ${short(x - a)} ${short(y)}Z`;
  return { svg: `<path d="${d}" fill="${fill}"/>`, box: { left: x - a, right: x + a, top: y - a, bottom: y + b } };
}

/** An arch over `length` studs; the underside of its left half is seen through the opening. */
export function arch(length: number, paint: Paint): Drawing {
  const high = 3 * plate * Math.ceil(length / 4);
  const opening = Array.from({ length: 21 }, (_, step): Flat => {
    const angle = Math.PI - (step * Math.PI) / 20;
    return [length / 2 + (length / 2 - 1) * Math.cos(angle), (high - 0.4) * Math.sin(angle)];
  });
  const under = opening.slice(1, 11).map((to, at) => underside(opening[at]!, to, paint));
  const edge: Flat[] = [[0, 0], ...opening, [length, 0], [length, high], [0, high]];
  const face = polygon(
    edge.map(([x, z]): Point => [x, 1, z]),
    paint.face([0, 1, 0]),
  );
  const top = box([0, 0, high - 0.4], [length, 1, high], paint);
  const end = wall([length, 0], [length, 1], high, paint.face([1, 0, 0]));
  return stack(...under, top, end, face, studs([0, 0, high], [length, 1], paint));
}

function underside([x, z]: Flat, [nextX, nextZ]: Flat, paint: Paint): Drawing {
  const size = Math.hypot(nextX - x, nextZ - z);
  const strip: Point[] = [
    [x, 0, z],
    [x, 1, z],
    [nextX, 1, nextZ],
    [nextX, 0, nextZ],
  ];
  return polygon(strip, paint.face([(nextZ - z) / size, 0, (x - nextX) / size]));
}

/** An upright wall from the ground to `high` between two points of the ground. */
function wall([x, y]: [number, number], [nextX, nextY]: [number, number], high: number, fill: string): Drawing {
  const corners: Point[] = [
    [x, y, 0],
    [nextX, nextY, 0],
    [nextX, nextY, high],
    [x, y, high],
  ];
  return polygon(corners, fill);
}

/** An L-shaped plate that leaves its nearest quarter open. */
export function corner(size: number, paint: Paint): Drawing {
  const arm = Math.ceil(size / 2);
  return stack(
    box([0, 0, 0], [size, arm, plate], paint),
    studs([0, 0, plate], [size, arm], paint),
    box([0, arm, 0], [arm, size, plate], paint),
    studs([0, arm, plate], [arm, size - arm], paint),
  );
}

/** A plate whose nearest corner is cut off. */
export function wedge([length, width]: [number, number, number], paint: Paint): Drawing {
  const [far, near]: [[number, number], [number, number]] = [
    [length, 1],
    [1, width],
  ];
  const diagonal = Math.hypot(width - 1, length - 1);
  const slant: Point = [(width - 1) / diagonal, (length - 1) / diagonal, 0];
  const lid = [[0, 0], [length, 0], far, near, [0, width]].map(([x = 0, y = 0]): Point => [x, y, plate]);
  const reach = (y: number) => 1 + ((width - y - 1) * (length - 1)) / (width - 1);
  const rows = Array.from({ length: width }, (_, y) =>
    studs([0, y, plate], [Math.min(length, Math.floor(reach(y) + 0.1)), 1], paint),
  );
  return stack(
    wall([length, 0], far, plate, paint.face([1, 0, 0])),
    wall(far, near, plate, paint.face(slant)),
    wall(near, [0, width], plate, paint.face([0, 1, 0])),
    polygon(lid, paint.top),
    ...rows,
  );
}
