import { z } from "zod";

/** What a node tells of itself. Counts are since its start, `saved` is how many retries it may still make at once. */
export const Figures = z.object({
  pid: z.int(),
  /** In bytes. */
  rss: z.int(),
  startedAt: z.iso.datetime(),
  /** What it answered, by service. "Recent" is the last ten seconds; times are in seconds. */
  calls: z.array(
    z.object({
      service: z.string(),
      count: z.int(),
      failed: z.int(),
      seconds: z.number(),
      perSecond: z.number(),
      failedPerSecond: z.number(),
      p50Seconds: z.number().nullable(),
      p99Seconds: z.number().nullable(),
    }),
  ),
  retries: z.object({ sent: z.int(), refused: z.int(), saved: z.number() }),
  breakers: z.object({
    opened: z.int(),
    /** Whom it sends nothing, or only a trial. */
    notClosed: z.array(z.object({ nodeId: z.string(), action: z.string(), state: z.enum(["open", "half_open"]) })),
  }),
  /** The counters of `lib/transporter/counters.ts`; null on no bus of ours. */
  bus: z.record(z.string(), z.int()).nullable(),
});
export type Figures = z.output<typeof Figures>;
