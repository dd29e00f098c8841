const EVERY = 1_000;
/** Of a terminal that does not say, or says 0. */
const [WIDTH, HEIGHT] = [80, 24];
const HINT = "Ctrl-C stops everything.";
/** Empty lines and the hint. */
const AROUND = 3;

/** What `brickwork up` shows: lines as they happen and, on a terminal, a table below them that stays up to date. */
export class Screen {
  readonly #terminal: NodeJS.WriteStream | undefined;
  #table: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Without a stream nothing but lines is shown, on stderr. */
  constructor(stream: NodeJS.WriteStream | undefined) {
    this.#terminal = stream?.isTTY ? stream : undefined;
  }

  say(line: string): void {
    if (!this.#terminal) return void process.stderr.write(`${line}\n`);
    this.#erase();
    this.#terminal.write(`${line}\n`);
    this.#draw();
  }

  /** Shows a table from now on. */
  keep(lines: () => Promise<readonly string[]>): void {
    if (!this.#terminal) return;
    const round = async (): Promise<void> => {
      const next = await lines();
      if (!this.#timer) return;
      this.#erase();
      this.#table = this.#fitting(next);
      this.#draw();
      this.#timer = setTimeout(() => void round(), EVERY);
    };
    this.#timer = setTimeout(() => void round(), 0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#erase();
    this.#table = [];
  }

  #erase(): void {
    if (this.#table.length > 0) this.#terminal?.write(`\u001b[${this.#table.length}A\u001b[0J`);
  }

  /** No more than fits: what has scrolled away can never be erased. */
  #fitting(lines: readonly string[]): readonly string[] {
    const room = (this.#terminal?.rows || HEIGHT) - 1;
    if (lines.length + AROUND <= room) return ["", ...lines, "", HINT];
    const shown = lines.slice(0, Math.max(1, room - AROUND - 1));
    return ["", ...shown, `… and ${lines.length - shown.length} more`, "", HINT];
  }

  #draw(): void {
    const width = this.#terminal?.columns || WIDTH;
    for (const line of this.#table) this.#terminal?.write(`${line.slice(0, width - 1)}\n`);
  }
}
