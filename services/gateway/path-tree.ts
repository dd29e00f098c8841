interface Branch<T> {
  readonly literals: Map<string, Branch<T>>;
  parameter?: Branch<T>;
  /** What is served at this path, by method. */
  leaf?: Map<string, T>;
}

const branch = <T>(): Branch<T> => ({ literals: new Map() });

/** What was found at a path: by method, and the text that stands where the path has parameters. */
export interface Found<T> {
  readonly methods: ReadonlyMap<string, T>;
  readonly values: readonly string[];
}

/** Paths with parameters (`/carts/:id/items`), found by walking their segments: the cost grows with the path, not with the number of routes. */
export class PathTree<T> {
  readonly #root = branch<T>();

  /** False when that method and path are taken. */
  add(method: string, path: string, value: T): boolean {
    let here = this.#root;
    for (const segment of path.split("/"))
      here = segment.startsWith(":") ? (here.parameter ??= branch()) : literal(here, segment);
    here.leaf ??= new Map();
    if (here.leaf.has(method)) return false;
    here.leaf.set(method, value);
    return true;
  }

  /** A literal segment wins over a parameter; a parameter is never empty, so `/a` and `/a/` are different paths. */
  find(path: string): Found<T> | undefined {
    const values: string[] = [];
    const methods = walk(this.#root, path.split("/"), 0, values);
    return methods && { methods, values };
  }
}

function literal<T>({ literals }: Branch<T>, segment: string): Branch<T> {
  const next = literals.get(segment) ?? branch<T>();
  literals.set(segment, next);
  return next;
}

function walk<T>(here: Branch<T>, segments: readonly string[], depth: number, values: string[]): Map<string, T> | undefined {
  if (depth === segments.length) return here.leaf;
  const segment = segments[depth]!;
  const next = here.literals.get(segment);
  const found = next && walk(next, segments, depth + 1, values);
  if (found || !here.parameter || segment === "") return found;
  values.push(segment);
  const below = walk(here.parameter, segments, depth + 1, values);
  if (!below) values.pop();
  return below;
}
