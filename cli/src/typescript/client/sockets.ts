/** Events that have an acknowledgement. */
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

/** Arguments of an event without its acknowledgement. */
export type ArgumentsBeforeAck<Events, E extends keyof Events> =
  EventArguments<Events, E> extends infer A
    ? A extends [...infer H, (...answer: never) => void]
      ? H
      : never
    : never;

/** Value that acknowledges an event. */
export type AckResult<Events, E extends keyof Events> =
  AckArguments<Events, E> extends [infer R] ? R : void;

/** Socket.IO's socket, with `emitWithAck` limited to events that have an acknowledgement. */
export interface TypedSocket<
  Listen extends object,
  Emit extends object,
> extends Socket<Listen, Emit> {
  /** Never matches an event. It makes this type assignable to Socket.IO's own socket. */
  emitWithAck(
    event: never,
    argument: never,
    ...arguments_: never
  ): ReturnType<Socket<Listen, Emit>["emitWithAck"]>;
  emitWithAck<E extends EventWithAck<Emit>>(
    event: E,
    ...args: ArgumentsBeforeAck<Emit, E>
  ): Promise<AckResult<Emit, E>>;
  /** Emits the event `message`, if it is declared. */
  send(
    ...args: "message" extends keyof Emit
      ? EventArguments<Emit, "message">
      : never
  ): this;
  timeout(milliseconds: number): TypedTimeoutSocket<Listen, Emit>;
}

/** Socket after `timeout()`: acknowledgements receive an error first, and promises are rejected with it. */
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

/** Socket of a namespace. */
export type NamespaceSocket<P extends keyof Namespaces> = TypedSocket<
  Namespaces[P]["serverToClient"],
  Namespaces[P]["clientToServer"]
>;
