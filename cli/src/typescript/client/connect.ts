/** Options for connecting to a namespace: its `auth`, the parameters of its path, and retries. */
export type ConnectOptions<P extends keyof Namespaces> = ConnectNeeds<
  P,
  "auth",
  AuthSource<Namespaces[P]["auth"]>
> &
  ConnectNeeds<P, "parameters", Namespaces[P]["parameters"]> &
  Pick<SocketOptions, "retries" | "ackTimeout">;

/** A value, or a function that is called for every connection, so that it can return a fresh token. */
export type AuthSource<A> = A | (() => A | Promise<A>);

type ConnectNeeds<
  P extends keyof Namespaces,
  K extends "auth" | "parameters",
  V,
> = undefined extends Namespaces[P][K] ? unknown : { [_ in K]: V };

/**
 * Connects to a namespace over a manager, or over the shared connection to an address.
 *
 * Later calls for the same namespace return the same socket. It uses the new `auth` when it connects again.
 */
export function connect<P extends keyof Namespaces>(
  connection: Manager | string,
  namespace: P,
  ...options: Pick<SocketOptions, "retries"> extends ConnectOptions<P>
    ? [options?: ConnectOptions<P>]
    : [options: ConnectOptions<P>]
): NamespaceSocket<P>;
export function connect(
  connection: Manager | string,
  namespace: string,
  options: Partial<AnyConnectOptions> = {},
): Socket {
  const socket = openSocket(connection, namespace, options);
  if (socket.io._autoConnect || typeof connection === "string") {
    begin(socket);
  }
  return socket;
}

/** Connects an inactive socket, or one whose manager has given up. Others would send a second CONNECT packet. */
function begin(socket: Socket): void {
  if (!socket.active || socket.io._readyState === "closed") {
    socket.connect();
  }
}

interface AnyConnectOptions extends Pick<
  SocketOptions,
  "retries" | "ackTimeout"
> {
  auth: object | (() => object | undefined | Promise<object | undefined>);
  parameters: { [name: string]: string | number | boolean };
}

interface OpenedSocket {
  socket: Socket;
  auth: AnyConnectOptions["auth"];
  attempts: number;
}

const managers = new Map<string, Manager>();
const openedSockets = new WeakMap<Manager, { [path: string]: OpenedSocket }>();

function openSocket(
  connection: Manager | string,
  namespace: string,
  options: Partial<AnyConnectOptions>,
): Socket {
  const { auth = {}, parameters = {}, ...others } = options;
  const manager =
    typeof connection === "string" ? managerOf(connection) : connection;
  const path = namespace.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name])),
  );
  const sockets = openedSockets.get(manager) ?? {};
  openedSockets.set(manager, sockets);
  const known = sockets[path];
  if (known) {
    known.auth = auth;
    return known.socket;
  }
  const opened = { auth, attempts: 0 } as OpenedSocket;
  sockets[path] = opened;
  // The socket must not connect before its auth is set and, with React, before all components listen.
  const { _autoConnect } = manager;
  manager._autoConnect = false;
  opened.socket = manager.socket(path, others);
  manager._autoConnect = _autoConnect;
  opened.socket.auth = (send) => void authenticate(opened, send);
  return opened.socket;
}

/** Returns the shared manager of an address. It sends the fingerprints of the events in this module. */
function managerOf(address: string): Manager {
  const known = managers.get(address);
  const options = { autoConnect: false, forceNew: true, query: fingerprints };
  const manager = known ?? io(address, options).io;
  managers.set(address, manager);
  return manager;
}

/** Sends the auth, unless the connection was closed or requested the auth again in the meantime. */
async function authenticate(
  opened: OpenedSocket,
  send: (auth: object) => void,
): Promise<void> {
  const { auth } = opened;
  const { engine } = opened.socket.io;
  const attempt = ++opened.attempts;
  if (typeof auth !== "function") {
    send(auth);
    return;
  }
  const isWanted = () =>
    attempt === opened.attempts &&
    opened.socket.active &&
    engine.readyState === "open";
  try {
    const value = (await Promise.resolve().then(() => auth())) ?? {};
    if (isWanted()) {
      send(value);
    }
  } catch (error) {
    if (isWanted()) {
      opened.socket.disconnect();
      const reason = error instanceof Error ? error : new Error(String(error));
      [...opened.socket.listeners("connect_error")].forEach((listener) =>
        listener.call(opened.socket, reason),
      );
    }
  }
}
