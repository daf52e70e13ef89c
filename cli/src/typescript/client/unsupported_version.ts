/** Connect error data of a server whose events have other fingerprints. */
export interface UnsupportedVersion {
  code: "unsupported_version";
  client: string;
  server: string;
}

/** Returns the data of a connect error if the server rejected `fingerprints`, and `undefined` otherwise. */
export function unsupportedVersion(error: {
  message: string;
  data?: unknown;
}): UnsupportedVersion | undefined {
  const data = error.data as Partial<UnsupportedVersion> | undefined;
  if (data?.code === "unsupported_version") {
    return data as UnsupportedVersion;
  }
  try {
    const refusal: { data?: Partial<UnsupportedVersion> } | null = JSON.parse(
      error.message,
    );
    return refusal?.data?.code === "unsupported_version"
      ? (refusal.data as UnsupportedVersion)
      : undefined;
  } catch {
    return undefined;
  }
}
