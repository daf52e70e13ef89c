interface SharedRoomState {
  status: "joining" | "joined" | "refused" | "left";
  joined: unknown;
  error: AnyEmitResult | undefined;
  members: readonly unknown[];
}

/** Events of a room, without their types. */
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
  /** Keeps the room joined until the returned function is called. The room is left when nothing holds it. */
  hold: (options: { readonly current: AnyRoomOptions }) => () => void;
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
  joinEvent: string,
): SharedRoom {
  const rooms = sharedRooms.get(socket) ?? {};
  sharedRooms.set(socket, rooms);
  const key = JSON.stringify([joinEvent, room]);
  return (rooms[key] ??= shareRoom(socket, namespace, room, joinEvent));
}

function shareRoom(
  socket: Socket,
  namespace: keyof Namespaces,
  room: string | number,
  joinEvent: string,
): SharedRoom {
  const subscribers = new Set<() => void>();
  const holders = new Set<{ readonly current: AnyRoomOptions }>();
  /** Returns an option of the first holder that has it. */
  const option = <K extends keyof AnyRoomOptions>(name: K) =>
    [...holders].find(({ current }) => current[name] !== undefined)?.current[
      name
    ];
  const identify = (member: unknown) => {
    const known = option("identify");
    return known ? known(member as never) : member;
  };
  let state = OUTSIDE;
  let attempts = 0;
  /** Changes to the members since `join` was sent: the acknowledgement may be older than they are. */
  let heard: ((members: readonly unknown[]) => readonly unknown[])[] = [];

  const change = (changes: Partial<SharedRoomState>) => {
    state = { ...state, ...changes };
    subscribers.forEach((changed) => changed());
  };
  const without = (members: readonly unknown[], gone: unknown) =>
    members.filter((it) => identify(it) !== identify(gone));
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
    const result = await emitForResult(socket, joinEvent, [room], {
      isFallible: isFallible(namespace, joinEvent),
      timeout: JOIN_TIMEOUT,
    });
    if (attempt !== attempts || result.status === "disconnected") {
      // A newer attempt exists, or starts when the socket connects again.
      return;
    }
    if (result.status !== "ok") {
      change({ status: "refused", error: result });
      return;
    }
    const members = option("members")?.(result.data as never) ?? state.members;
    change({
      status: "joined",
      joined: result.data,
      members: heard.reduce((known, next) => next(known), members),
    });
  };
  // The server removes a socket from its rooms when it disconnects.
  const onConnect = () => void ask();
  const onDisconnect = () => change({ status: "joining" });

  let leaveEvent: string | undefined;
  let joinedWith = "";
  const given = () =>
    JSON.stringify([
      option("leave"),
      option("entered"),
      option("left"),
      option("members") !== undefined,
    ]);
  let listeners: [string | undefined, (...args: unknown[]) => void][] = [];
  const stop = () => {
    for (const [event, listener] of listeners) {
      if (event !== undefined) {
        socket.off(event, listener);
      }
    }
    listeners = [];
  };
  const join = () => {
    stop();
    leaveEvent = option("leave");
    joinedWith = given();
    listeners = [
      ["connect", onConnect],
      ["disconnect", onDisconnect],
      [option("entered"), onEntered],
      [option("left"), onLeft],
    ];
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
    const isOutside =
      state.error?.status === "error" || state.error?.status === "rejected";
    if (socket.connected && leaveEvent !== undefined && !isOutside) {
      socket.emit(leaveEvent, room);
    }
    change(OUTSIDE);
  };

  return {
    read: () => state,
    subscribe: (changed) => {
      subscribers.add(changed);
      return () => void subscribers.delete(changed);
    },
    join: () => {
      if (holders.size > 0) {
        join();
      }
    },
    leave,
    hold: (options) => {
      holders.add(options);
      // Joins again if this component uses events that the others do not.
      if (state.status === "left" || given() !== joinedWith) {
        join();
      }
      return () => {
        holders.delete(options);
        // Deferred, because a component may be mounted again immediately, as in strict mode.
        setTimeout(() => {
          if (holders.size === 0 && state.status !== "left") {
            leave();
          }
        });
      };
    },
  };
}
