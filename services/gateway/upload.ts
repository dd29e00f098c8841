import type { Upload } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import { ClientGone } from "./failure.ts";
import { requireSize, requireType } from "./json-body.ts";
import { type Exchange, hasBody } from "./reply.ts";

/** Small enough for the bus, also in base64, and large enough that 50 MB are 200 calls. */
const PIECE = 262_144;

type Send = (action: string, piece: { upload: string; index: number; base64: string }) => Promise<unknown>;

/**
 * Hands a file on as it arrives, piece after piece; the next one is not read before the last one is taken, so that a file
 * never gathers here. Answers the upload's id.
 */
export async function takeUpload(exchange: Exchange, { mediaType, limit, to }: Upload, send: Send): Promise<string> {
  const { req, res } = exchange;
  requireType(req.headers["content-type"], mediaType);
  requireSize(req.headers["content-length"], limit);
  if (!hasBody(req)) throw fault("malformed", "The file is missing.");
  if (req.headers.expect) res.writeContinue();
  const upload = newId("upl");
  let index = 0;
  for await (const piece of pieces(exchange, limit)) await send(to, { upload, index: index++, base64: piece.toString("base64") });
  return upload;
}

async function* pieces({ req }: Exchange, limit: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  let total = 0;
  try {
    // The connection must survive a refusal, or the client would not see it.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > limit) throw fault("too_large", `The file may have at most ${limit} bytes.`);
      waiting.push(chunk);
      size += chunk.length;
      if (size < PIECE) continue;
      const all = Buffer.concat(waiting);
      for (let at = 0; at + PIECE <= all.length; at += PIECE) yield all.subarray(at, at + PIECE);
      waiting = [all.subarray(all.length - (all.length % PIECE))];
      size = waiting[0]!.length;
    }
  } catch (error) {
    throw req.errored ? new ClientGone() : error;
  }
  if (size > 0) yield Buffer.concat(waiting);
}
