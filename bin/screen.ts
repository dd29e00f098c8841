const EVERY = 1_000;

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
      this.#table = ["", ...next, "", "Ctrl-C stops everything."];
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

  #draw(): void {
    const width = this.#terminal?.columns ?? 80;
    for (const line of this.#table) this.#terminal?.write(`${line.slice(0, width - 1)}\n`);
  }
}
