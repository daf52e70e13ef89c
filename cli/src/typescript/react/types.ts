type ListenEventsOf<P extends keyof Namespaces> =
  Namespaces[P]["serverToClient"];
type EmitEventsOf<P extends keyof Namespaces> = Namespaces[P]["clientToServer"];

/** State of the connection to a namespace, and functions to change it. */
export interface UseSocketResult<P extends keyof Namespaces> {
  /** The socket; `null` until the namespace is opened, and during server-side rendering. */
  socket: NamespaceSocket<P> | null;
  isConnected: boolean;
  /** `connecting` includes reconnecting. While `disconnected`, the client does not try to connect. */
  status: "connected" | "connecting" | "disconnected";
  /** Error of the last attempt to connect; `null` after one has succeeded. */
  connectError: ConnectFailure<P> | null;
  /** Connects after `disconnect`, after a rejected connection, or after the server has disconnected the client. */
  connect: () => void;
  disconnect: () => void;
  /** Connects again with the current `auth`. */
  refreshAuth: () => void;
}

/** Error of a failed connection. `data` is set if the namespace rejected it with data. */
export interface ConnectFailure<P extends keyof Namespaces> {
  message: string;
  data?: Namespaces[P]["connectError"];
}

/** Options for opening a namespace. */
export type UseNamespaceOptions<P extends keyof Namespaces> =
  ConnectOptions<P> & {
    /** `false` keeps the namespace closed. Defaults to `true`. */
    enabled?: boolean | undefined;
  };

interface ReservedSocketEvents {
  connect: () => void;
  connect_error: (error: globalThis.Error) => void;
  disconnect: (reason: Socket.DisconnectReason) => void;
}

type HookEventsOf<P extends keyof Namespaces> = ListenEventsOf<P> &
  ReservedSocketEvents;

/** Result of an event with an acknowledgement. */
export type EmitResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> =
  | (E extends FallibleEvent<P>
      ? AckResult<EmitEventsOf<P>, E>
      : { status: "ok"; data: AckResult<EmitEventsOf<P>, E> })
  | { status: "timeout" | "disconnected" | "aborted" };

/** Data of a successful acknowledgement. */
export type EmitData<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> =
  EmitResult<P, E> extends infer R
    ? R extends { status: "ok"; data: infer D }
      ? D
      : never
    : never;

/** Result of an event that failed. */
export type EmitFailure<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> = Exclude<EmitResult<P, E>, { status: "ok" }>;

/** Function to emit an event, and its latest acknowledgement. */
export interface UseEmitWithAckResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> {
  /** Emits the event. The promise is never rejected. */
  emit: (
    ...args: ArgumentsBeforeAck<EmitEventsOf<P>, E>
  ) => Promise<EmitResult<P, E>>;
  isPending: boolean;
  /** Data of the latest successful acknowledgement. It is kept until the next one. */
  data: EmitData<P, E> | undefined;
  /** Failure of the latest emit. */
  error: EmitFailure<P, E> | undefined;
  /** Stops waiting for acknowledgements. Events that are not sent yet are discarded. */
  abort: () => void;
}

/** Events of a room. The room is their only or first argument. */
export type UseRoomOptions<
  P extends keyof Namespaces,
  J extends keyof EmitEventsOf<P>,
  N,
  M,
> = {
  /** Event that joins the room. */
  join: J;
  /** Event that leaves the room. It has no acknowledgement. */
  leave?: LeaveEvent<EmitEventsOf<P>, RoomOf<P, J>> | undefined;
  /** Event that a member has joined. Its arguments are the room and the member. */
  entered?: (N & MemberEvent<ListenEventsOf<P>, RoomOf<P, J>, M>) | undefined;
  /** Event that a member has left. Its arguments are the room and the member. */
  left?: MemberEvent<ListenEventsOf<P>, RoomOf<P, J>, M> | undefined;
  /** Returns the members from the acknowledgement of `join`. */
  members?: ((joined: EmitData<P, J>) => readonly M[]) | undefined;
} & ([N] extends [never]
  ? { identify?: ((member: M) => unknown) | undefined }
  : [M] extends [string | number]
    ? { identify?: ((member: M) => unknown) | undefined }
    : {
        /** Returns the identity of a member, such as its id, because objects are compared by reference. */
        identify: (member: M) => unknown;
      });

/** Events that can join a room: they have an acknowledgement, and the room is their only argument. */
export type JoinEventOf<P extends keyof Namespaces> = {
  [E in EventWithAck<EmitEventsOf<P>>]: RoomOf<P, E> extends never ? never : E;
}[EventWithAck<EmitEventsOf<P>>];

type RoomOf<P extends keyof Namespaces, E extends keyof EmitEventsOf<P>> =
  ArgumentsBeforeAck<EmitEventsOf<P>, E> extends [
    infer R extends string | number,
  ]
    ? R
    : never;

type LeaveEvent<Events, R> = {
  [E in keyof Events]: EventArguments<Events, E> extends [infer A]
    ? [R] extends [A]
      ? A extends (...answer: never) => void
        ? never
        : E
      : never
    : never;
}[keyof Events];

type MemberEvent<Events, R, M> = {
  [E in keyof Events]: EventArguments<Events, E> extends [
    infer A,
    infer X,
    ...unknown[],
  ]
    ? [R, X] extends [A, M]
      ? E
      : never
    : never;
}[keyof Events];

type MemberOf<P extends keyof Namespaces, N> = N extends keyof ListenEventsOf<P>
  ? EventArguments<ListenEventsOf<P>, N> extends [
      unknown,
      infer M,
      ...unknown[],
    ]
    ? M
    : never
  : never;

/** State of a room, and functions to join and leave it. */
export interface UseRoomResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
  M,
> {
  /** `joining` until the first acknowledgement, and again after a lost connection. */
  status: "joining" | "joined" | "refused" | "left";
  /** Data of the latest acknowledgement of `join`. */
  joined: EmitData<P, E> | undefined;
  /** Failure of the latest attempt to join. */
  error: EmitFailure<P, E> | undefined;
  members: readonly M[];
  /** Joins again after `leave` or a failed attempt. */
  join: () => void;
  /** Leaves the room until `join` is called or another component joins it. */
  leave: () => void;
}
