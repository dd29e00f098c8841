const WIDTH = 30;

interface Bar {
  /** `part` from 0 to 1. */
  show(part: number, what: string): void;
  end(): void;
}

/** A progress bar that redraws itself on a terminal and prints one last line elsewhere; silent without a stream. */
export function bar(stream: NodeJS.WriteStream | undefined): Bar {
  let last = "";
  return {
    show(part, what) {
      const done = Math.round(Math.min(1, Math.max(0, part)) * WIDTH);
      last = `[${"█".repeat(done)}${"░".repeat(WIDTH - done)}] ${String(Math.round(part * 100)).padStart(3)} %  ${what}`;
      if (stream?.isTTY) stream.write(`\r\u001b[2K${last}`);
    },
    end() {
      if (stream) stream.write(stream.isTTY ? "\n" : `${last}\n`);
    },
  };
}
