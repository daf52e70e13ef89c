type SocketSnapshot<P extends keyof Namespaces> = Pick<
  UseSocketResult<P>,
  "socket" | "status" | "isConnected" | "connectError"
>;

/** State of a socket, shared by all components that use it. */
interface SharedSocket<P extends keyof Namespaces> {
  read: () => SocketSnapshot<P>;
  subscribe: (changed: () => void) => () => void;
  /** Connects, or connects again if the connection was made with another auth. */
  start: (auth: string | undefined) => void;
  /** Runs an action that changes the socket without an event, and updates the state. */
  act: (action: (socket: Socket) => void) => void;
  /** Keeps the socket open until the returned function is called. The socket is closed when nothing holds it. */
  hold: (auth: AuthGetter) => () => void;
  /** Returns the auth of the latest holder. */
  auth: AuthGetter;
}

type AuthGetter = () => object | undefined | Promise<object | undefined>;

const CLOSED = {
  socket: null,
  status: "disconnected",
  isConnected: false,
  connectError: null,
} as const;

const sharedSockets = new WeakMap<Socket, unknown>();

function sharedSocket<P extends keyof Namespaces>(
  namespace: P,
  socket: Socket,
): SharedSocket<P> {
  const known = sharedSockets.get(socket) as SharedSocket<P> | undefined;
  const shared = known ?? share(namespace, socket);
  sharedSockets.set(socket, shared);
  return shared;
}

function share<P extends keyof Namespaces>(
  namespace: P,
  socket: Socket,
): SharedSocket<P> {
  const subscribers = new Set<() => void>();
  const sources = new Set<AuthGetter>();
  let snapshot: SocketSnapshot<P> = CLOSED;
  let hasGivenUp = false;
  let sent: string | undefined;
  const update = (connectError = snapshot.connectError) => {
    const { io: manager } = socket;
    const isTrying =
      manager._readyState !== "closed" ||
      (manager.reconnection() && !hasGivenUp);
    const status = socket.connected
      ? "connected"
      : socket.active && isTrying
        ? "connecting"
        : "disconnected";
    snapshot = {
      socket: socket as unknown as NamespaceSocket<P>,
      status,
      isConnected: socket.connected,
      connectError,
    };
    subscribers.forEach((changed) => changed());
  };
  socket.on("connect", () => {
    hasGivenUp = false;
    update(null);
  });
  socket.io.on("reconnect_failed", () => {
    hasGivenUp = true;
    update();
  });
  socket.on("disconnect", () => update());
  socket.on("connect_error", (error) =>
    update(connectErrorData(namespace, error)),
  );
  update();
  return {
    read: () => snapshot,
    subscribe: (changed) => {
      subscribers.add(changed);
      return () => void subscribers.delete(changed);
    },
    start: (auth) => {
      if (sources.size === 0) {
        return;
      }
      if (auth !== undefined && sent !== undefined && auth !== sent) {
        socket.disconnect().connect();
      } else {
        begin(socket);
      }
      update();
    },
    act: (action) => {
      if (sources.size > 0) {
        action(socket);
        update();
      }
    },
    auth: () => {
      const auth = [...sources].at(-1)?.();
      sent = JSON.stringify(auth);
      return auth;
    },
    hold: (source) => {
      sources.add(source);
      return () => {
        sources.delete(source);
        // Deferred, because a component may be mounted again immediately, as in strict mode.
        setTimeout(() => {
          if (sources.size === 0) {
            socket.disconnect();
            // The next user of the socket may be another person, who must not send the events of this one.
            socket.sendBuffer = [];
            (socket as unknown as { _queue: unknown[] })._queue = [];
            update();
          }
        });
      };
    },
  };
}
