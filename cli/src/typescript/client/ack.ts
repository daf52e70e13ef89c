/** Acknowledgement of an event whose handler can fail. */
export type Ack<T, E> =
  | { status: "ok"; data: T }
  | { status: "error"; error: E }
  | { status: "rejected"; reason: Rejection };

/** Reason that the server rejected an event. */
export interface Rejection {
  code:
    | "invalid_payload"
    | "unknown_event"
    | "refused"
    | "panicked"
    | "invalid_answer"
    | "overloaded"
    | "rate_limited";
  message: string;
}
