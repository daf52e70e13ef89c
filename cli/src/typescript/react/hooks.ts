/** Hooks of a namespace. */
export interface SocketHooks<P extends keyof Namespaces> {
  /**
   * Keeps the namespace open while the component is mounted and `enabled` is not `false`.
   *
   * The other hooks require a `Provider`. Use this hook in components that do not need the others.
   */
  useNamespace: (...options: UseNamespaceArguments<P>) => UseSocketResult<P>;
  /** Opens the namespace like `useNamespace`, for all components inside it. */
  Provider: (
    props: UseNamespaceOptions<P> & { children?: ReactNode },
  ) => ReactNode;
  /** Returns the connection to the namespace. */
  useSocket: () => UseSocketResult<P>;
  /** Handles an event while the component is mounted. Always calls the latest handler. */
  useSocketEvent: <E extends keyof HookEventsOf<P> & string>(
    event: E,
    handler: (...args: EventArguments<HookEventsOf<P>, E>) => void,
  ) => void;
  /** Returns the arguments of the latest event since the component was mounted. */
  useLastEvent: <E extends keyof ListenEventsOf<P> & string>(
    event: E,
  ) => EventArguments<ListenEventsOf<P>, E> | undefined;
  /** Emits an event and waits for its acknowledgement. `timeout` is in milliseconds and defaults to 10,000. */
  useEmitWithAck: <E extends EventWithAck<EmitEventsOf<P>>>(
    event: E,
    options?: { timeout?: number | undefined },
  ) => UseEmitWithAckResult<P, E>;
  /** Joins a room while the component is mounted, and again after a reconnection. `null` joins no room. */
  useRoom: <
    E extends JoinEventOf<P>,
    N extends keyof ListenEventsOf<P> = never,
    M = MemberOf<P, N>,
  >(
    room: RoomOf<P, E> | null,
    events: UseRoomOptions<P, E, N, M>,
  ) => UseRoomResult<P, E, M>;
}

type UseNamespaceArguments<P extends keyof Namespaces> =
  {} extends UseNamespaceOptions<P>
    ? [options?: UseNamespaceOptions<P>]
    : [options: UseNamespaceOptions<P>];

const EMIT_TIMEOUT = 10_000;

/** Creates the hooks of a namespace, for a manager or for the shared connection to an address. */
export function createSocketHooks<P extends keyof Namespaces>(
  connection: Manager | string,
  namespace: P,
): SocketHooks<P> {
  const Context = createContext<UseSocketResult<P> | null>(null);

  function useNamespace(
    options: Partial<AnyConnectOptions> & {
      enabled?: boolean | undefined;
    } = {},
  ): UseSocketResult<P> {
    const { enabled = true, parameters, auth } = options;
    const latest = useLatest(options);
    const [held, setHeld] = useState<{
      key: string;
      shared: SharedSocket<P>;
    } | null>(null);
    const key = enabled ? JSON.stringify(parameters ?? {}) : undefined;
    // A socket that was opened for other parameters is not used.
    const shared = held?.key === key ? (held?.shared ?? null) : null;
    useEffect(() => {
      if (key === undefined) {
        return;
      }
      const source = () => {
        const { auth } = latest.current;
        return typeof auth === "function" ? auth() : auth;
      };
      const socket: Socket = openSocket(connection, namespace, {
        ...latest.current,
        auth: () => sharedSocket(namespace, socket).auth(),
      });
      const opened = sharedSocket(namespace, socket);
      const release = opened.hold(source);
      setHeld({ key, shared: opened });
      return () => {
        setHeld(null);
        release();
      };
    }, [key, latest]);
    const value = typeof auth === "function" ? undefined : JSON.stringify(auth);
    // The socket connects after all components below have registered their listeners, so that none misses the first
    // events. A new auth may belong to another user, so the socket connects again.
    useEffect(() => shared?.start(value), [shared, value]);
    const snapshot = useSyncExternalStore(
      shared?.subscribe ?? never,
      shared?.read ?? closed<P>,
      closed<P>,
    );
    const actions = useMemo(
      () => ({
        connect: () => shared?.act(begin),
        disconnect: () => shared?.act((socket) => socket.disconnect()),
        refreshAuth: () =>
          shared?.act((socket) => socket.disconnect().connect()),
      }),
      [shared],
    );
    return useMemo(() => ({ ...snapshot, ...actions }), [snapshot, actions]);
  }

  function Provider({
    children,
    ...options
  }: Partial<AnyConnectOptions> & { children?: ReactNode }): ReactNode {
    const value = useNamespace(options);
    return createElement(Context.Provider, { value }, children);
  }

  function useSocket(): UseSocketResult<P> {
    const state = useContext(Context);
    if (!state) {
      throw new Error(
        `the hooks of ${namespace} must be used inside its Provider`,
      );
    }
    return state;
  }

  const usePlainSocket = () => useSocket().socket as unknown as Socket | null;

  function useSocketEvent(
    event: string,
    handler: (...args: unknown[]) => void,
  ): void {
    const socket = usePlainSocket();
    const latest = useLatest(handler);
    useEffect(() => {
      const listener = (...args: unknown[]) => latest.current(...args);
      socket?.on(event, listener);
      return () => void socket?.off(event, listener);
    }, [socket, event, latest]);
  }

  function useLastEvent(event: string): unknown[] | undefined {
    const socket = usePlainSocket();
    const [last, setLast] = useState<{ from: unknown; args: unknown[] }>();
    useSocketEvent(event, (...args) => setLast({ from: socket, args }));
    return last?.from === socket ? last?.args : undefined;
  }

  function useEmitWithAck(
    event: string,
    { timeout = EMIT_TIMEOUT }: { timeout?: number | undefined } = {},
  ) {
    const socket = usePlainSocket();
    const [state, setState] = useState<{
      from?: unknown;
      isPending: boolean;
      data?: unknown;
      error?: AnyEmitResult | undefined;
    }>({ isPending: false });
    const calls = useRef({
      latest: 0,
      controllers: new Set<AbortController>(),
    });
    const emit = useCallback(
      async (...args: unknown[]): Promise<AnyEmitResult> => {
        const { controllers } = calls.current;
        const call = ++calls.current.latest;
        const controller = new AbortController();
        controllers.add(controller);
        setState(({ from, data }) => ({
          from: socket,
          isPending: true,
          data: from === socket ? data : undefined,
        }));
        const result = socket
          ? await emitForResult(socket, event, args, {
              isFallible: isFallible(namespace, event),
              timeout,
              signal: controller.signal,
            })
          : ({ status: "disconnected" } as const);
        controllers.delete(controller);
        if (call === calls.current.latest) {
          setState(({ data }) =>
            result.status === "ok"
              ? { from: socket, isPending: false, data: result.data }
              : { from: socket, isPending: false, data, error: result },
          );
        }
        return result;
      },
      [socket, event, timeout],
    );
    const abort = useCallback(
      () =>
        calls.current.controllers.forEach((controller) => controller.abort()),
      [],
    );
    const { isPending, data, error } =
      state.from === socket ? state : { isPending: false };
    return { emit, isPending, data, error, abort };
  }

  function useRoom(room: string | number | null, events: AnyRoomOptions) {
    const socket = usePlainSocket();
    const latest = useLatest(events);
    const [held, setHeld] = useState<{
      socket: unknown;
      room: unknown;
      shared: SharedRoom;
    } | null>(null);
    const shared =
      held && held.socket === socket && held.room === room ? held.shared : null;
    useEffect(() => {
      if (!socket || room === null) {
        return;
      }
      const entered = sharedRoom(socket, namespace, room, latest.current.join);
      const release = entered.hold(latest);
      setHeld({ socket, room, shared: entered });
      return () => {
        setHeld(null);
        release();
      };
    }, [socket, room, latest]);
    const state = useSyncExternalStore(
      shared?.subscribe ?? never,
      shared?.read ?? outside,
      outside,
    );
    const actions = useMemo(
      () => ({ join: () => shared?.join(), leave: () => shared?.leave() }),
      [shared],
    );
    return useMemo(() => ({ ...state, ...actions }), [state, actions]);
  }

  const hooks: unknown = {
    useNamespace,
    Provider,
    useSocket,
    useSocketEvent,
    useLastEvent,
    useEmitWithAck,
    useRoom,
  };
  return hooks as SocketHooks<P>;
}

const never = () => () => {};
const closed = <P extends keyof Namespaces>(): SocketSnapshot<P> => CLOSED;
const outside = () => OUTSIDE;

/** Returns a reference to the value of the latest committed render. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
