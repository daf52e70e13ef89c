import { useEffect } from "react";

type Answer<T> =
  | { status: "ok"; data: T }
  | { status: "timeout" | "disconnected" | "aborted" };

/** Requests the current state at every connection, because events may have been missed while disconnected. */
export function useAtConnect<T>(
  { isConnected }: { isConnected: boolean },
  emit: () => Promise<Answer<T>>,
  take: (data: T) => void,
): void {
  useEffect(() => {
    if (isConnected) {
      void emit().then((answer) => {
        if (answer.status === "ok") {
          take(answer.data);
        }
      });
    }
    // `take` does the same at every render, so it is not a dependency.
  }, [isConnected, emit]);
}
