/** The events of which the receiver answers. */
export type EventWithAck<Events> = {
  [E in keyof Events]: [AckArguments<Events, E>] extends [never] ? never : E;
}[keyof Events] extends infer E extends keyof Events & string
  ? E
  : never;

type EventArguments<Events, E extends keyof Events> = Events[E] extends (
  ...args: infer A
) => void
  ? A
  : never;

type AckArguments<Events, E extends keyof Events> =
  EventArguments<Events, E> extends infer A
    ? A extends [...unknown[], (...answer: infer R) => void]
      ? R
      : never
    : never;

/** What an event is emitted with, its acknowledgement left out. */
export type ArgumentsBeforeAck<Events, E extends keyof Events> =
  EventArguments<Events, E> extends infer A
    ? A extends [...infer H, (...answer: never) => void]
      ? H
      : never
    : never;

/** What an event is answered with. */
export type AckResult<Events, E extends keyof Events> =
  AckArguments<Events, E> extends [infer R] ? R : void;

/** Socket.IO's socket, but only what is answered can be waited for. */
export interface TypedSocket<
  Listen extends object,
  Emit extends object,
> extends Socket<Listen, Emit> {
  /** No event is of this type: it makes this a kind of Socket.IO's own socket. */
  emitWithAck(
    event: never,
    argument: never,
    ...arguments_: never
  ): ReturnType<Socket<Listen, Emit>["emitWithAck"]>;
  emitWithAck<E extends EventWithAck<Emit>>(
    event: E,
    ...args: ArgumentsBeforeAck<Emit, E>
  ): Promise<AckResult<Emit, E>>;
  /** Emits `message`, where there is such an event. */
  send(
    ...args: "message" extends keyof Emit
      ? EventArguments<Emit, "message">
      : never
  ): this;
  timeout(milliseconds: number): TypedTimeoutSocket<Listen, Emit>;
}

/** The same, after `timeout()`: acknowledgements get an error first, and promises are rejected with it. */
export interface TypedTimeoutSocket<
  Listen extends object,
  Emit extends object,
> extends TimeoutSocket<Listen, Emit> {
  emitWithAck(
    event: never,
    argument: never,
    ...arguments_: never
  ): ReturnType<TimeoutSocket<Listen, Emit>["emitWithAck"]>;
  emitWithAck<E extends EventWithAck<Emit>>(
    event: E,
    ...args: ArgumentsBeforeAck<Emit, E>
  ): Promise<AckResult<Emit, E>>;
  send(...args: "message" extends keyof Emit ? unknown[] : never): this;
}

type TimeoutSocket<Listen extends object, Emit extends object> = ReturnType<
  Socket<Listen, Emit>["timeout"]
>;

/** The socket of a namespace. */
export type NamespaceSocket<P extends keyof Namespaces> = TypedSocket<
  Namespaces[P]["serverToClient"],
  Namespaces[P]["clientToServer"]
>;
