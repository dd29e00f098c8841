import { colorsOf } from "./demo-colors.ts";
import { box, plate, studs } from "./picture-blocks.ts";
import { cylinder, type Drawing, onFront, onTop, outline, prism, project, short, stack } from "./picture-geometry.ts";
import { type Paint, paintOf, tint } from "./picture-paint.ts";
import { dome } from "./picture-shapes.ts";

const hole = "#1d2026";
const circle = (x: number, y: number, radius: number, fill: string) =>
  `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="${fill}"/>`;
const disc = (y: number, radius: number, svg: string) => onFront(y, svg, [-radius, -radius, radius, radius]);

/** The outline of a bar with round ends, standing on z = 0. */
function stadium(length: number, radius: number): [number, number][] {
  const half = outline(16, [0, radius], () => radius);
  const right = [...half.slice(12), ...half.slice(0, 5)].map(([x, z]): [number, number] => [x + length - radius, z]);
  const left = half.slice(4, 13).map(([x, z]): [number, number] => [x + radius, z]);
  return [...right, ...left];
}

const circleOf = (radius: number) => outline(24, [0, 0], () => radius);

/** A bar with a row of holes. */
export function beam(length: number, paint: Paint): Drawing {
  const holes = Array.from(
    { length },
    (_, at) => circle(at + 0.45, 0.45, 0.31, paint.edge) + circle(at + 0.45, 0.45, 0.24, hole),
  ).join("");
  return stack(prism(stadium(length - 0.1, 0.45), 0, 0.9, paint.face), onFront(0.9, holes, [0, 0, length, 0.9]));
}

/** A rod with a cross as its section. */
export function axle(length: number, paint: Paint): Drawing {
  const [thin, wide] = [0.1, 0.3];
  const arm: [number, number][] = [
    [-thin, -wide],
    [thin, -wide],
    [thin, -thin],
    [wide, -thin],
    [wide, thin],
    [thin, thin],
  ];
  const rest = arm.map(([x, z]): [number, number] => [-x, -z]);
  return prism([...arm, [thin, wide], [-thin, wide], ...rest.slice(2), [-thin, -thin]], 0, length, paint.face);
}

/** A round connector with a collar in its middle. */
export function pin(length: number, paint: Paint): Drawing {
  const middle = length === 1 ? 0.8 : length / 2;
  return stack(
    prism(circleOf(0.3), 0, middle, paint.face),
    prism(circleOf(0.38), middle, middle + 0.16, paint.face),
    prism(circleOf(0.3), middle + 0.16, length + 0.16, paint.face),
    disc(length + 0.16, 0.3, circle(0, 0, 0.19, hole)),
  );
}

/** A toothed wheel: its outline is repeated from back to front, which gives it thickness. */
export function gear(teeth: number, paint: Paint): Drawing {
  const radius = teeth / 16;
  const rim = outline(teeth * 4, [0, 0], (at) => radius + (at % 4 < 2 ? 0.07 : -0.11));
  const path = `<path id="t" d="M${rim.map(([x, z]) => `${short(x)} ${short(z)}`).join("L")}Z"/>`;
  const layers = Array.from({ length: 12 }, (_, at) => {
    const [x, y] = project([0, at / 22, 0]);
    return `<use href="#t" transform="matrix(.866 .5 0 -1 ${short(x)} ${short(y)})"/>`;
  });
  const body = disc(0.25, radius + 0.4, "");
  const cross = `<path d="M-.1-.3H.1V-.1H.3V.1H.1V.3H-.1V.1H-.3V-.1H-.1Z" fill="${hole}"/>`;
  const ringed =
    radius > 0.9 ? circle(0, 0, radius - 0.28, paint.edge) + circle(0, 0, radius - 0.36, paint.face([0, 0.5, 0])) : "";
  const face = `<use href="#t" fill="${paint.face([0, 1, 0])}"/>${ringed}${circle(0, 0, 0.42, paint.top)}${cross}`;
  return stack(
    { svg: `<defs>${path}</defs><g fill="${paint.edge}">${layers.join("")}</g>`, box: body.box },
    disc(0.55, radius, face),
  );
}

/** A tyre on a rim in the colour of the part; `millimetres` is its diameter. */
export function wheel(millimetres: number, paint: Paint): Drawing {
  const radius = millimetres / 16;
  const width = 0.45 + radius * 0.45;
  const rubber = paintOf({ hex: "#343840" });
  const tread = prism(
    outline(40, [0, 0], () => radius),
    0,
    width,
    (normal) => {
      const isGroove = Math.round((Math.atan2(normal[2], normal[0]) * 20) / Math.PI - 0.5) % 2 === 0;
      return isGroove ? tint(rubber.face(normal), -0.3) : rubber.face(normal);
    },
  );
  const spokes = Array.from({ length: 5 }, (_, at) => {
    const angle = (at * 2 * Math.PI) / 5 + 0.3;
    return circle(Math.cos(angle) * radius * 0.33, Math.sin(angle) * radius * 0.33, radius * 0.12, paint.edge);
  });
  const rings =
    circle(0, 0, radius * 0.93, "#2a2d34") +
    circle(0, 0, radius * 0.64, paint.edge) +
    circle(-radius * 0.02, 0, radius * 0.6, paint.face([0, 1, 0]));
  return stack(
    tread,
    disc(
      width,
      radius,
      `${rings}${spokes.join("")}${circle(0, 0, radius * 0.15, paint.top)}${circle(0, 0, radius * 0.07, hole)}`,
    ),
  );
}

/** A turned figure in the clothes of its trade; `trade` only picks the hat. */
export function figure(trade: string, paint: Paint): Drawing {
  const wood = paintOf({ hex: "#e6b987" }, "w");
  const head = cylinder([0, 0, 1.62], 0.3, 0.3, 0.1, wood.round, wood.round);
  const [x, y] = project([0, 0, 2.05]);
  const eyes = short(y + 0.08);
  const face = `<circle cx="${short(x)}" cy="${short(y)}" r=".52" fill="url(#w)"/><g fill="#33271d"><circle cx="-.17" cy="${eyes}" r=".055"/><circle cx=".17" cy="${eyes}" r=".055"/></g><path d="M-.16 ${short(y + 0.22)}Q0 ${short(y + 0.36)} .16 ${short(y + 0.22)}" fill="none" stroke="#33271d" stroke-width=".045"/>`;
  const hats: Drawing[][] = [
    [
      cylinder([0, 0, 2.56], 0.62, 0.62, 0.06, paint.round, paint.top),
      cylinder([0, 0, 2.62], 0.38, 0.32, 0.36, paint.round, paint.top),
    ],
    [dome([0, 0, 2.4], 0.45, paint.round)],
    [cylinder([0, 0, 2.48], 0.4, 0.48, 0.36, paint.round, paint.top)],
    [cylinder([0, 0, 2.46], 0.42, 0.06, 0.75, paint.round, paint.top)],
  ];
  const shape = [...trade].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hats.length;
  return stack(
    { svg: `<defs>${wood.defs}</defs>`, box: head.box },
    cylinder([0, 0, 0], 0.8, 0.78, 0.14, wood.round, wood.top),
    cylinder([0, 0, 0.14], 0.74, 0.4, 1.45, paint.round, paint.top),
    head,
    { svg: face, box: { left: x - 0.52, right: x + 0.52, top: y - 0.52, bottom: y + 0.52 } },
    ...(hats[shape] ?? []),
  );
}

/** Conifers are stacked cones, leaf trees and bushes round crowns. */
export function plant(name: string, paint: Paint): Drawing {
  const bark = paintOf({ hex: "#77502f" }, "w");
  const defs: Drawing = { svg: `<defs>${bark.defs}</defs>`, box: dome([0, 0, 0], 0.1, "").box };
  const trunk = (height: number) => cylinder([0, 0, 0], 0.3, 0.22, height, bark.round, bark.top);
  const cones = { fir: 3, pine: 2, spruce: 4 }[name];
  if (cones) {
    const layers = Array.from({ length: cones }, (_, at) =>
      cylinder([0, 0, 0.5 + at * 0.75], 1.25 - (at * 0.9) / cones, 0.12, 1.25, paint.round, paint.top),
    );
    return stack(defs, trunk(0.8), ...layers);
  }
  const isTree = name === "oak" || name === "birch";
  const ground = isTree ? 1.5 : 0.1;
  const wide = name === "birch" ? 0.75 : 1;
  const crowns: [number, number, number, number][] = [
    [-0.7, 0.1, 0, 0.75],
    [0.1, -0.7, 0.1, 0.75],
    [0, 0, 0.55, 0.85],
    [0.65, 0.45, 0, 0.7],
  ];
  const leaves = crowns.map(([x, y, z, radius]) => dome([x * wide, y * wide, ground + z], radius * wide, paint.round));
  return stack(defs, ...(isTree ? [trunk(1.7)] : []), ...leaves);
}

/** A heap of bricks in several colours, the higher the more pieces the set has. */
export function pile(pieces: number): Drawing {
  const colors = colorsOf("red yellow blue green orange azure white");
  const paints = colors.map((color, at) => paintOf(color, `p${at}`));
  const levels = Math.min(4, 2 + Math.floor(Math.log2(pieces / 60) / 2));
  const drawings = Array.from({ length: levels }, (_, level) => {
    const side = (levels - level) * 2;
    const z = level * 3 * plate;
    return Array.from({ length: side / 2 }, (__, row) => {
      const paint = paints[(pieces / 10 + level * 3 + row * 2) % paints.length]!;
      const [back, top] = [level + row * 2, z + 3 * plate];
      return [box([level, back, z], [level + side, back + 2, top], paint), studs([level, back, top], [side, 2], paint)];
    }).flat();
  });
  const defs = `<defs>${paints.map((paint) => paint.defs).join("")}</defs>`;
  const [first, ...others] = drawings.flat();
  return stack({ svg: defs, box: first!.box }, first!, ...others);
}

/** A tile of 2 x 2 studs with a digit on it. */
export function numberTile(digit: string, paint: Paint, ink: string): Drawing {
  const text = `<text x="1" y="1.58" font-size="1.6" font-family="sans-serif" font-weight="700" text-anchor="middle" fill="${ink}">${digit}</text>`;
  return stack(box([0, 0, 0], [2, 2, plate], paint), onTop(plate, text, [0, 0, 2, 2]));
}
