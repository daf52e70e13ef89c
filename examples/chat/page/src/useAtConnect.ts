import { useEffect } from "react";

type Answer<T> =
  | { status: "ok"; data: T }
  | { status: "timeout" | "disconnected" | "aborted" };

/** Asks the server at every connection: what was told while there was none is in the answer. */
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
    // What takes the answer does the same at every render.
  }, [isConnected, emit]);
}
