/** Returns the message and the data of a connect error. */
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
    // An error without data is plain text.
  }
  return { message: error.message };
}
