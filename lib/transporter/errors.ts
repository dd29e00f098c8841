import { Errors } from "moleculer";

/** The call that failed. */
export interface Where {
  readonly action: string;
  readonly nodeID: string;
}

/** The call was **not** executed: nobody received the request. Any call may be sent again, to another node. */
export class NoReceiverError extends Errors.MoleculerRetryableError {
  constructor(where: Where, why = "nobody listens there") {
    super(`'${where.action}' was not executed: ${where.nodeID} did not get the request, ${why}.`, 503, "NO_RECEIVER", where);
  }
}

/**
 * The call was **possibly** executed: the request went out and no answer will come. Only what is safe or keyed may be sent again.
 * Its type is `REQUEST_REJECTED`, as it is for Moleculer's own error of this kind.
 */
export class LostAnswerError extends Errors.RequestRejectedError {
  constructor(where: Where, why: string) {
    super(where);
    this.message = `'${where.action}' on ${where.nodeID} was possibly executed: ${why} before the answer came.`;
  }
}

/** Nothing was written, because there is no connection to Redis now. */
export class LinkDownError extends Error {
  override readonly name = "LinkDownError";
}
