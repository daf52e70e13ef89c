/** A handler for every event; `null` says that one is left out on purpose. */
export type EventHandlers<Events> = { [E in keyof Events]: Events[E] | null };

/** An event as it was received: `event` tells which arguments there are. */
export type AnyEvent<Events> = {
  [E in keyof Events]: { event: E; args: EventArguments<Events, E> };
}[keyof Events];

/** Handles all events of a socket, by an object or by an instance of a class; returns what ends it. */
export function register<Listen extends object, Emit extends object>(
  socket: Socket<Listen, Emit>,
  handlers: EventHandlers<Listen>,
): () => void {
  const methods = handlers as {
    [event: string]: ((...args: unknown[]) => void) | null | undefined;
  };
  const listener = (event: string, ...args: unknown[]) => {
    if (Object.hasOwn(methods, event) || !(event in Object.prototype)) {
      methods[event]?.(...args);
    }
  };
  socket.onAny(listener);
  return () => void socket.offAny(listener);
}

/** Listens to all events of a socket; returns what ends it. */
export function onAny<Listen extends object, Emit extends object>(
  socket: Socket<Listen, Emit>,
  listener: (received: AnyEvent<Listen>) => void,
): () => void {
  const untyped = (event: string, ...args: unknown[]) =>
    listener({ event, args } as AnyEvent<Listen>);
  socket.onAny(untyped);
  return () => void socket.offAny(untyped);
}
