/** The answer to an event that can fail. */
export type Ack<T, E> =
  | { status: "ok"; data: T }
  | { status: "error"; error: E }
  | { status: "rejected"; reason: Rejection };

/** Why an event was not handled. */
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
