/** A piece of SVG and the rectangle it covers, in studs on the drawing plane. */
export interface Drawing {
  svg: string;
  box: { left: number; top: number; right: number; bottom: number };
}
/** x runs to the lower right, y to the lower left, z up; one is the distance of two studs. */
export type Point = [x: number, y: number, z: number];
type Flat = [x: number, y: number];

const cos30 = Math.sqrt(3) / 2;

/** Isometric projection: all three axes keep the same scale. */
export const project = ([x, y, z]: Point): Flat => [(x - y) * cos30, (x + y) / 2 - z];

/** A number as short as a picture needs it. */
export const short = (value: number): string => String(Math.round(value * 1000) / 1000 + 0);

const boxOf = (points: Flat[]): Drawing["box"] => ({
  left: Math.min(...points.map(([x]) => x)),
  top: Math.min(...points.map(([, y]) => y)),
  right: Math.max(...points.map(([x]) => x)),
  bottom: Math.max(...points.map(([, y]) => y)),
});

/** Drawings on top of each other, the last one in front. */
export function stack(...drawings: Drawing[]): Drawing {
  const boxes = drawings.map(({ box }) => box);
  const corners = boxes.flatMap(({ left, top, right, bottom }): Flat[] => [
    [left, top],
    [right, bottom],
  ]);
  return { svg: drawings.map(({ svg }) => svg).join(""), box: boxOf(corners) };
}

/** A flat face. The stroke in its own colour closes the hairline gaps between neighbours. */
export function polygon(points: Point[], fill: string): Drawing {
  const flat = points.map(project);
  const d = flat.map(([x, y]) => `${short(x)} ${short(y)}`).join("L");
  return { svg: `<path d="M${d}Z" fill="${fill}" stroke="${fill}"/>`, box: boxOf(flat) };
}

/** SVG drawn in the coordinates (x, z) of the plane at `y`, covering the corners given. */
export function onFront(y: number, svg: string, [left, bottom, right, top]: [number, number, number, number]): Drawing {
  const [e, f] = project([0, y, 0]);
  const box = boxOf([project([left, y, bottom]), project([left, y, top]), project([right, y, bottom]), project([right, y, top])]);
  return { svg: `<g transform="matrix(.866 .5 0 -1 ${short(e)} ${short(f)})">${svg}</g>`, box };
}

/** SVG drawn in the coordinates (x, y) of the level `z`, covering the corners given. */
export function onTop(z: number, svg: string, [left, back, right, front]: [number, number, number, number]): Drawing {
  const box = boxOf([project([left, back, z]), project([left, front, z]), project([right, back, z]), project([right, front, z])]);
  return { svg: `<g transform="matrix(.866 .5 -.866 .5 0 ${short(-z)})">${svg}</g>`, box };
}

/** An upright round body from radius `bottom` to radius `top`. `side` and `lid` are fills. */
export function cylinder([x, y, z]: Point, bottom: number, top: number, height: number, side: string, lid: string): Drawing {
  const [cx, low] = project([x, y, z]);
  const high = low - height;
  const [a, b] = ellipseOf(bottom);
  const [c, d] = ellipseOf(top);
  const wall = `M${short(cx - c)} ${short(high)}L${short(cx - a)} ${short(low)}A${short(a)} ${short(b)} 0 0 0 ${short(cx + a)} ${short(low)}L${short(cx + c)} ${short(high)}Z`;
  const cap = `<ellipse cx="${short(cx)}" cy="${short(high)}" rx="${short(c)}" ry="${short(d)}" fill="${lid}"/>`;
  return {
    svg: `<path d="${wall}" fill="${side}"/>${cap}`,
    box: { left: cx - Math.max(a, c), right: cx + Math.max(a, c), top: high - d, bottom: low + b },
  };
}

/** The half axes of a lying circle as it appears in the projection. */
export const ellipseOf = (radius: number): [number, number] => [radius * Math.sqrt(1.5), radius * Math.SQRT1_2];

/** A body with the convex outline `profile` in (x, z), counter-clockwise, reaching from `back` to `front` in y. */
export function prism(profile: Flat[], back: number, front: number, shade: (normal: Point) => string): Drawing {
  const sides = profile.flatMap(([x, z], at): Drawing[] => {
    const [nextX, nextZ] = profile[(at + 1) % profile.length]!;
    const length = Math.hypot(nextX - x, nextZ - z) || 1;
    const normal: Point = [(nextZ - z) / length, 0, (x - nextX) / length];
    // Seen from where x, y and z grow alike.
    if (normal[0] + normal[2] <= 0.001) return [];
    return [
      polygon(
        [
          [x, back, z],
          [nextX, back, nextZ],
          [nextX, front, nextZ],
          [x, front, z],
        ],
        shade(normal),
      ),
    ];
  });
  return stack(
    ...sides,
    polygon(
      profile.map(([x, z]): Point => [x, front, z]),
      shade([0, 1, 0]),
    ),
  );
}

/** The corners of a regular outline, `count` of them; `radius` may differ from corner to corner. */
export function outline(count: number, [x, z]: Flat, radius: (at: number) => number): Flat[] {
  return Array.from({ length: count }, (_, at): Flat => {
    const angle = (2 * Math.PI * at) / count;
    return [x + radius(at) * Math.cos(angle), z + radius(at) * Math.sin(angle)];
  });
}
