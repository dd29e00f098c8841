/** What has happened on the bus since the start, as one node sees it. */
export interface BusCounters {
  sent: number;
  received: number;
  /** Packets dropped because they carry no signature. */
  unsigned: number;
  /** Packets dropped because their signature is not that of our key for this channel and these bytes. */
  forged: number;
  /** Packets dropped because they were here before. */
  replayed: number;
  /** Packets that Redis refused, or did not confirm before the link was lost. */
  publishErrors: number;
  /** Requests that nobody received. */
  unreceived: number;
  /** Calls that were waiting for an answer when the link or the other node was lost. */
  lostAnswers: number;
  /** Events that could not be sent or that nobody received. */
  lostEvents: number;
  lostLinks: number;
  lostPeers: number;
}

export const zeroCounters = (): BusCounters => ({
  sent: 0,
  received: 0,
  unsigned: 0,
  forged: 0,
  replayed: 0,
  publishErrors: 0,
  unreceived: 0,
  lostAnswers: 0,
  lostEvents: 0,
  lostLinks: 0,
  lostPeers: 0,
});
