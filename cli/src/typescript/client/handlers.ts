/** Handlers for every event; `null` ignores an event explicitly. */
export type EventHandlers<Events> = { [E in keyof Events]: Events[E] | null };

/** A received event. The type of `args` depends on `event`. */
export type AnyEvent<Events> = {
  [E in keyof Events]: { event: E; args: EventArguments<Events, E> };
}[keyof Events];

/** Registers handlers for all events of a socket. Returns a function that removes them. */
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

/** Registers a listener for all events of a socket. Returns a function that removes it. */
export function onAny<Listen extends object, Emit extends object>(
  socket: Socket<Listen, Emit>,
  listener: (received: AnyEvent<Listen>) => void,
): () => void {
  const untyped = (event: string, ...args: unknown[]) =>
    listener({ event, args } as AnyEvent<Listen>);
  socket.onAny(untyped);
  return () => void socket.offAny(untyped);
}
