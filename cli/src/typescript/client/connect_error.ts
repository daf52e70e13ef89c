/** Reads what a namespace says about a connection that it refused. */
export function connectErrorData<P extends keyof Namespaces>(
  _namespace: P,
  error: { message: string },
): { message: string; data?: Namespaces[P]["connectError"] } {
  try {
    const refusal: unknown = JSON.parse(error.message);
    if (
      typeof refusal === "object" &&
      refusal !== null &&
      "message" in refusal &&
      typeof refusal.message === "string"
    ) {
      return refusal as {
        message: string;
        data?: Namespaces[P]["connectError"];
      };
    }
  } catch {
    // A refusal without data is plain text.
  }
  return { message: error.message };
}
