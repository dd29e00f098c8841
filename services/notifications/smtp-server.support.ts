import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What the server got, envelope and all, whether it took it or not. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
  /** The server has answered for it with 250. */
  readonly isTaken: boolean;
}

/** A server's reply to a command line that the test wants to differ; undefined for the usual one. `hang up` closes the connection. */
type Script = (line: string) => string | "hang up" | undefined;

export interface SmtpServer extends AsyncDisposable {
  readonly url: string;
  readonly received: ReceivedMail[];
}

/** A mail server of a few lines, by RFC 5321, on a free port of this machine. */
export async function startSmtpServer(script: Script = () => undefined): Promise<SmtpServer> {
  const received: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    void converse(socket, script, received);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smtp://127.0.0.1:${portOf(server)}`,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server does not listen on a port.");
  return address.port;
}

const REPLIES: Readonly<Record<string, string>> = { DATA: "354 go on", QUIT: "221 bye" };

async function converse(socket: Socket, script: Script, received: ReceivedMail[]): Promise<void> {
  let mail = { from: "", to: [] as string[], lines: [] as string[] };
  let isData = false;
  socket.write("220 test\r\n");
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (isData && line !== ".") {
      mail.lines.push(line.startsWith(".") ? line.slice(1) : line);
      continue;
    }
    const [verb = ""] = line.toUpperCase().split(/[ :]/);
    const reply = script(line) ?? REPLIES[verb] ?? "250 ok";
    if (line === ".") received.push({ ...mail, data: mail.lines.join("\n"), isTaken: reply.startsWith("250") });
    if (reply === "hang up") return void socket.destroy();
    socket.write(`${reply}\r\n`);
    if (verb === "MAIL") mail = { from: addressIn(line), to: [], lines: [] };
    if (verb === "RCPT" && reply.startsWith("250")) mail.to.push(addressIn(line));
    isData = verb === "DATA" && reply.startsWith("354");
  }
}

const addressIn = (line: string): string => /<(.*?)>/.exec(line)?.[1] ?? "";
