type AnyEmitResult =
  | { status: "ok"; data: unknown }
  | { status: "error"; error: unknown }
  | { status: "rejected"; reason: Rejection }
  | { status: "timeout" | "disconnected" | "aborted" };

/** Emits an event and waits for its acknowledgement, a timeout, a disconnect or an abort. */
function emitForResult(
  socket: Socket,
  event: string,
  args: readonly unknown[],
  how: { isFallible: boolean; timeout: number; signal?: AbortSignal },
): Promise<AnyEmitResult> {
  return new Promise((resolve) => {
    const buffered = socket.sendBuffer.length;
    const onAnswer = (error: globalThis.Error | null, answer: unknown) => {
      if (error) {
        const isLate = error.message === "operation has timed out";
        resolve({ status: isLate ? "timeout" : "disconnected" });
      } else {
        resolve(
          how.isFallible
            ? (answer as AnyEmitResult)
            : { status: "ok", data: answer },
        );
      }
    };
    socket.timeout(how.timeout).emit(event, ...args, onAnswer);
    const packet = socket.sendBuffer[buffered];
    how.signal?.addEventListener("abort", () => {
      socket.sendBuffer = socket.sendBuffer.filter((it) => it !== packet);
      resolve({ status: "aborted" });
    });
  });
}

function isFallible(namespace: keyof Namespaces, event: string): boolean {
  return (fallibleEvents[namespace] as readonly string[]).includes(event);
}
