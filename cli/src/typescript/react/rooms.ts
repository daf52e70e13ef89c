interface SharedRoomState {
  status: "joining" | "joined" | "refused" | "left";
  joined: unknown;
  error: AnyEmitResult | undefined;
  members: readonly unknown[];
}

/** Which events a room has, without their types. */
interface AnyRoomOptions {
  join: string;
  leave?: string | undefined;
  entered?: string | undefined;
  left?: string | undefined;
  members?: ((joined: never) => readonly unknown[]) | undefined;
  identify?: ((member: never) => unknown) | undefined;
}

interface SharedRoom {
  read: () => SharedRoomState;
  subscribe: (changed: () => void) => () => void;
  join: () => void;
  leave: () => void;
  /** Is in the room until what it returns is called; without a holder the room is left. */
  hold: () => () => void;
}

const OUTSIDE: SharedRoomState = {
  status: "left",
  joined: undefined,
  error: undefined,
  members: [],
};

const JOIN_TIMEOUT = 10_000;

const sharedRooms = new WeakMap<Socket, { [key: string]: SharedRoom }>();

function sharedRoom(
  socket: Socket,
  namespace: keyof Namespaces,
  room: string | number,
  events: AnyRoomOptions,
): SharedRoom {
  const rooms = sharedRooms.get(socket) ?? {};
  sharedRooms.set(socket, rooms);
  const key = JSON.stringify([events.join, room]);
  return (rooms[key] ??= shareRoom(socket, namespace, room, events));
}

function shareRoom(
  socket: Socket,
  namespace: keyof Namespaces,
  room: string | number,
  events: AnyRoomOptions,
): SharedRoom {
  const subscribers = new Set<() => void>();
  const identify = events.identify ?? ((member: unknown) => member);
  let state = OUTSIDE;
  let holders = 0;
  let attempts = 0;
  /** What was heard of members since `join` was sent: the answer may be older. */
  let heard: ((members: readonly unknown[]) => readonly unknown[])[] = [];

  const change = (changes: Partial<SharedRoomState>) => {
    state = { ...state, ...changes };
    subscribers.forEach((changed) => changed());
  };
  const without = (members: readonly unknown[], gone: unknown) =>
    members.filter((it) => identify(it as never) !== identify(gone as never));
  const onMembers = (next: (typeof heard)[number]) => {
    if (state.status === "joining") {
      heard.push(next);
    }
    change({ members: next(state.members) });
  };
  const onEntered = (about: unknown, member: unknown) => {
    if (about === room) {
      onMembers((members) => [...without(members, member), member]);
    }
  };
  const onLeft = (about: unknown, member: unknown) => {
    if (about === room) {
      onMembers((members) => without(members, member));
    }
  };

  const ask = async () => {
    const attempt = ++attempts;
    heard = [];
    change({ status: "joining", error: undefined });
    const result = await emitForResult(socket, events.join, [room], {
      isFallible: isFallible(namespace, events.join),
      timeout: JOIN_TIMEOUT,
    });
    if (attempt !== attempts || result.status === "disconnected") {
      // There is a newer attempt, or will be one when the socket is connected again.
      return;
    }
    if (result.status !== "ok") {
      change({ status: "refused", error: result });
      return;
    }
    const members = events.members?.(result.data as never) ?? state.members;
    change({
      status: "joined",
      joined: result.data,
      members: heard.reduce((known, next) => next(known), members),
    });
  };
  // The server forgets who is in a room with the connection.
  const onConnect = () => void ask();
  const onDisconnect = () => change({ status: "joining" });

  const listeners: [string | undefined, (...args: unknown[]) => void][] = [
    ["connect", onConnect],
    ["disconnect", onDisconnect],
    [events.entered, onEntered],
    [events.left, onLeft],
  ];
  const stop = () => {
    for (const [event, listener] of listeners) {
      if (event !== undefined) {
        socket.off(event, listener);
      }
    }
  };
  const join = () => {
    stop();
    for (const [event, listener] of listeners) {
      if (event !== undefined) {
        socket.on(event, listener);
      }
    }
    if (socket.connected) {
      void ask();
    } else {
      change({ status: "joining", error: undefined });
    }
  };
  const leave = () => {
    stop();
    attempts += 1;
    if (socket.connected && events.leave !== undefined) {
      socket.emit(events.leave, room);
    }
    change(OUTSIDE);
  };

  return {
    read: () => state,
    subscribe: (changed) => {
      subscribers.add(changed);
      return () => void subscribers.delete(changed);
    },
    join,
    leave,
    hold: () => {
      holders += 1;
      if (holders === 1 && state.status === "left") {
        join();
      }
      return () => {
        holders -= 1;
        // Not at once: a component may be mounted again right away, as in strict mode.
        setTimeout(() => {
          if (holders === 0 && state.status !== "left") {
            leave();
          }
        });
      };
    },
  };
}
