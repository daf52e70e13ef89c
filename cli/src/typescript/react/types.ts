type ListenEventsOf<P extends keyof Namespaces> =
  Namespaces[P]["serverToClient"];
type EmitEventsOf<P extends keyof Namespaces> = Namespaces[P]["clientToServer"];

/** How a namespace's connection is, and what can be done about it. */
export interface UseSocketResult<P extends keyof Namespaces> {
  /** The socket; `null` until the namespace is opened, and on a server that renders. */
  socket: NamespaceSocket<P> | null;
  isConnected: boolean;
  /** `connecting` also while a lost connection is made again; nothing is tried while `disconnected`. */
  status: "connected" | "connecting" | "disconnected";
  /** Why the last try failed; `null` once one has succeeded. */
  connectError: ConnectFailure<P> | null;
  /** Connects after `disconnect`, after a refusal, or after the server has ended the connection. */
  connect: () => void;
  disconnect: () => void;
  /** Connects anew, with what `auth` is now. */
  refreshAuth: () => void;
}

/** Why a connection failed; `data` is what the namespace says when it refuses one. */
export interface ConnectFailure<P extends keyof Namespaces> {
  message: string;
  data?: Namespaces[P]["connectError"];
}

/** How a namespace is opened, and whether. */
export type UseNamespaceOptions<P extends keyof Namespaces> =
  ConnectOptions<P> & {
    /** Whether it is to be open; it is, unless this is `false`. */
    enabled?: boolean | undefined;
  };

interface ReservedSocketEvents {
  connect: () => void;
  connect_error: (error: globalThis.Error) => void;
  disconnect: (reason: Socket.DisconnectReason) => void;
}

type HookEventsOf<P extends keyof Namespaces> = ListenEventsOf<P> &
  ReservedSocketEvents;

/** What became of an event that is answered. */
export type EmitResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> =
  | (E extends FallibleEvent<P>
      ? AckResult<EmitEventsOf<P>, E>
      : { status: "ok"; data: AckResult<EmitEventsOf<P>, E> })
  | { status: "timeout" | "disconnected" | "aborted" };

/** What the receiver has answered. */
export type EmitData<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> =
  EmitResult<P, E> extends infer R
    ? R extends { status: "ok"; data: infer D }
      ? D
      : never
    : never;

/** Why there is no such answer. */
export type EmitFailure<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> = Exclude<EmitResult<P, E>, { status: "ok" }>;

/** An event that a component emits, and its latest answer. */
export interface UseEmitWithAckResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
> {
  /** Emits it; the promise is never rejected. */
  emit: (
    ...args: ArgumentsBeforeAck<EmitEventsOf<P>, E>
  ) => Promise<EmitResult<P, E>>;
  isPending: boolean;
  /** The latest answer; kept until there is another one. */
  data: EmitData<P, E> | undefined;
  /** Why the latest emit has no answer. */
  error: EmitFailure<P, E> | undefined;
  /** Waits no longer; what was not sent yet is not sent. */
  abort: () => void;
}

/** The events that are about one room, which is their only argument or their first one. */
export type UseRoomOptions<
  P extends keyof Namespaces,
  J extends keyof EmitEventsOf<P>,
  N,
  M,
> = {
  /** Asks to be let in. */
  join: J;
  /** Tells that the room is left; nobody answers it. */
  leave?: LeaveEvent<EmitEventsOf<P>, RoomOf<P, J>> | undefined;
  /** Somebody has come: the arguments are the room and the member. */
  entered?: (N & MemberEvent<ListenEventsOf<P>, RoomOf<P, J>, M>) | undefined;
  /** Somebody is gone: the room and the member. */
  left?: MemberEvent<ListenEventsOf<P>, RoomOf<P, J>, M> | undefined;
  /** Who is there, as the answer to `join` says. */
  members?: ((joined: EmitData<P, J>) => readonly M[]) | undefined;
} & ([N] extends [never]
  ? { identify?: ((member: M) => unknown) | undefined }
  : [M] extends [string | number]
    ? { identify?: ((member: M) => unknown) | undefined }
    : {
        /** What makes a member the same, such as its id: two objects never are. */
        identify: (member: M) => unknown;
      });

/** Events that can be joined: answered, and with a room as their only argument. */
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

/** A room that a component is in. */
export interface UseRoomResult<
  P extends keyof Namespaces,
  E extends keyof EmitEventsOf<P>,
  M,
> {
  /** `joining` until the first answer, and again after the connection was lost. */
  status: "joining" | "joined" | "refused" | "left";
  /** The latest answer to `join`. */
  joined: EmitData<P, E> | undefined;
  /** Why the room was not joined. */
  error: EmitFailure<P, E> | undefined;
  members: readonly M[];
  /** Joins again after `leave` or a refusal. */
  join: () => void;
  /** Leaves, and stays outside until `join` or another mount. */
  leave: () => void;
}
