import type { Shape } from "./demo-family.ts";
import { cylinder, type Drawing, onFront, type Point, polygon, prism, project, short, stack } from "./picture-geometry.ts";
import type { Paint } from "./picture-paint.ts";

/** Real proportions, in stud distances: a plate is 3.2 mm high, studs stand 8 mm apart. */
export const plate = 0.4;
export const stud = { radius: 0.31, height: 0.21 };

/** A body with straight walls between two opposite corners. */
export function box([x0, y0, z0]: Point, [x1, y1, z1]: Point, paint: Paint): Drawing {
  return prism(
    [
      [x0, z0],
      [x1, z0],
      [x1, z1],
      [x0, z1],
    ],
    y0,
    y1,
    paint.face,
  );
}

const copies = (count: number, id: string, [x, y]: [number, number]) =>
  Array.from({ length: count - 1 }, (_, at) => `<use href="#${id}" x="${short(x * (at + 1))}" y="${short(y * (at + 1))}"/>`).join(
    "",
  );

/** A field of studs. One stud is drawn, repeated to a row, and the row to a field, so a baseplate stays small. */
export function studs([x, y, z]: Point, [columns, rows]: [number, number], paint: Paint): Drawing {
  if (columns <= 0 || rows <= 0) return { svg: "", box: polygon([[x, y, z]], "").box };
  const one = cylinder([x + 0.5, y + 0.5, z], stud.radius, stud.radius, stud.height, paint.round, paint.top);
  const name = `${short(x)}_${short(y)}_${short(z)}`;
  const row = `<g id="q${name}"><g id="s${name}" stroke="${paint.edge}" stroke-opacity=".35">${one.svg}</g>${copies(columns, `s${name}`, project([1, 0, 0]))}</g>`;
  const last = cylinder([x + columns - 0.5, y + rows - 0.5, z], stud.radius, stud.radius, stud.height, "", "");
  return { svg: row + copies(rows, `q${name}`, project([0, 1, 0])), box: stack(one, last).box };
}

type Block = Extract<Shape, { kind: "block" }>;

/** Bricks, plates and tiles: `size` is length, width and height in studs and bricks. */
export function block(shape: Block, [length, width, tall]: [number, number, number], paint: Paint): Drawing {
  const height = shape.plates * plate * tall;
  const body = box([0, 0, 0], [length, width, height], paint);
  const front = shape.front ? [onFront(width, fronts[shape.front](length, height, paint), [0, 0, length, height])] : [];
  const top = {
    all: () => [studs([0, 0, height], [length, width], paint)],
    one: () => [studs([(length - 1) / 2, (width - 1) / 2, height], [1, 1], paint)],
    none: () => [],
  };
  return stack(body, ...front, ...top[shape.studs]());
}

type Front = (length: number, height: number, paint: Paint) => string;
const times = (count: number, draw: (at: number) => string) => Array.from({ length: count }, (_, at) => draw(at)).join("");
const rect = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" rx=".04" fill="${fill}"/>`;
const circle = (x: number, y: number, radius: number, fill: string) =>
  `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" fill="${fill}"/>`;
const glass = "#bfe0f2";
const backdrop = "#e9edf2";

/** What is drawn on the long side of a block, in its plane. */
const fronts: Record<NonNullable<Block["front"]>, Front> = {
  logs: (length, height, { edge }) => times(3, (at) => rect(0, (height * (at + 1)) / 4 - 0.02, length, 0.05, edge)),
  masonry: (length, height, { edge }) =>
    times(2, (at) => rect(0, (height * (at + 1)) / 3 - 0.02, length, 0.04, edge)) +
    times(3 * length, (at) =>
      rect(Math.floor(at / 3) + ((at % 3) % 2 === 0 ? 0.46 : 0.96), ((at % 3) * height) / 3, 0.04, height / 3, edge),
    ),
  studs: (length, height, { edge, top }) =>
    times(length, (at) => circle(at + 0.5, height / 2, 0.33, edge) + circle(at + 0.43, height / 2 - 0.07, 0.31, top)),
  holes: (length, height, { edge }) =>
    times(length - 1, (at) => circle(at + 1, height / 2, 0.31, edge) + circle(at + 1, height / 2, 0.23, "#1d2026")),
  window: (length, height, { edge }) =>
    rect(0.18, 0.18, length - 0.36, height - 0.36, edge) +
    rect(0.24, 0.2, length - 0.44, height - 0.44, glass) +
    times(Math.max(1, length / 2 - 1) | 0, (at) =>
      rect(((at + 1) * length) / (Math.max(2, length / 2) | 0) - 0.05, 0.2, 0.1, height - 0.42, edge),
    ) +
    rect(0.2, height / 2 - 0.05, length - 0.4, 0.1, edge),
  door: (length, height, { edge, top }) =>
    rect(0.2, 0, length - 0.4, height - 0.2, edge) +
    rect(0.3, 0, length - 0.56, height - 0.3, top) +
    rect(0.55, height * 0.5, length - 1.1, height * 0.36, glass) +
    rect(0.55, height * 0.1, length - 1.1, height * 0.3, edge) +
    circle(length - 0.42, height * 0.45, 0.1, "#d9b13b"),
  fence: (length, height) => times(length * 2 - 1, (at) => rect(at / 2 + 0.38, 0.24, 0.24, height - 0.48, backdrop)),
};
