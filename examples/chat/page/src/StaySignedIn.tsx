import { useEffect } from "react";
import type { Namespaces, SocketHooks } from "./events";
import { useSession } from "./session";

/** Reconnects a namespace with a new token after the server has closed it because the old one expired. */
export function StaySignedIn<P extends keyof Namespaces>({
  hooks,
}: {
  hooks: SocketHooks<P>;
}) {
  const session = useSession();
  const { socket, status, connectError, connect, refreshAuth } =
    hooks.useSocket();
  useEffect(() => {
    if (connectError?.data?.reason === "expiredToken") {
      session.renew();
      refreshAuth();
    }
  }, [connectError, refreshAuth, session]);
  // The server has ended the connection; the component does not disconnect on its own.
  const wasClosed =
    socket !== null && status === "disconnected" && !connectError;
  useEffect(() => {
    if (wasClosed) {
      connect();
    }
  }, [wasClosed, connect]);
  return null;
}
