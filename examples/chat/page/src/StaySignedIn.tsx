import { useEffect } from "react";
import type { Namespaces, SocketHooks } from "./events";
import { useSession } from "./session";

/** Connects a namespace again that the server has closed because the token is too old, with another token. */
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
  // It was the server that ended the connection: who else is here to stay.
  const wasClosed =
    socket !== null && status === "disconnected" && !connectError;
  useEffect(() => {
    if (wasClosed) {
      connect();
    }
  }, [wasClosed, connect]);
  return null;
}
