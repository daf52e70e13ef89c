type SocketSnapshot<P extends keyof Namespaces> = Pick<
  UseSocketResult<P>,
  "socket" | "status" | "isConnected" | "connectError"
>;

/** The state of a socket, for all components that use it. */
interface SharedSocket<P extends keyof Namespaces> {
  read: () => SocketSnapshot<P>;
  subscribe: (changed: () => void) => () => void;
  /** Does something with the socket of which there is no event. */
  act: (action: (socket: Socket) => void) => void;
  /** Keeps the socket open until what it returns is called; without a holder it is closed. */
  hold: () => () => void;
}

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
  let holders = 0;
  let snapshot: SocketSnapshot<P> = CLOSED;
  const update = (connectError = snapshot.connectError) => {
    const status = socket.connected
      ? "connected"
      : socket.active
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
  socket.on("connect", () => update(null));
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
    act: (action) => {
      action(socket);
      update();
    },
    hold: () => {
      holders += 1;
      return () => {
        holders -= 1;
        // Not at once: a component may be mounted again right away, as in strict mode.
        setTimeout(() => {
          if (holders === 0 && socket.active) {
            socket.disconnect();
            update();
          }
        });
      };
    },
  };
}
