// Code that must compile and code that must not. Only `tsc` processes this file.
import { expectTypeOf } from "expect-type";
import { io, Manager, type Socket } from "socket.io-client";
import { Server } from "socket.io";
import {
  connect,
  connectErrorData,
  createSocketHooks,
  onAny,
  register,
  unsupportedVersion,
  type Ack,
  type JoinError,
  type Joined,
  type LobbyClientToServerEvents,
  type LobbyNamespace,
  type LobbyServer,
  type LobbyServerToClientEvents,
  type LobbySocket,
  type Member,
  type NamespaceSocket,
  type Refusal,
  type Rejection,
} from "../generated/events";

const manager = new Manager("http://localhost", { autoConnect: false });
const lobby = connect(manager, "/lobby", { auth: { token: "t" } });
const member: Member = { id: 1, name: "Ada" };

// --- a socket is assignable to one of Socket.IO's own, and vice versa
expectTypeOf(lobby).toEqualTypeOf<NamespaceSocket<"/lobby">>();
expectTypeOf(lobby).toEqualTypeOf<LobbySocket>();
expectTypeOf(lobby).toExtend<
  Socket<LobbyServerToClientEvents, LobbyClientToServerEvents>
>();
export const untyped: LobbySocket = io("http://localhost/lobby");

// --- reserved events
lobby.on("connect", () => {});
lobby.on("connect_error", (error) => {
  expectTypeOf(error).toExtend<Error>();
  expectTypeOf(connectErrorData("/lobby", error)).toEqualTypeOf<{
    message: string;
    data?: Refusal;
  }>();
  expectTypeOf(
    connectErrorData("/open", error).data,
  ).toEqualTypeOf<undefined>();
  expectTypeOf(unsupportedVersion(error)?.code).toEqualTypeOf<
    "unsupported_version" | undefined
  >();
});
lobby.on("disconnect", (reason) => {
  expectTypeOf(reason).toEqualTypeOf<Socket.DisconnectReason>();
});
// @ts-expect-error: it has no argument
lobby.on("connect", (argument) => argument);

// --- events from the server
lobby.on("tick", (number, last) => {
  expectTypeOf(number).toEqualTypeOf<number>();
  expectTypeOf(last).toEqualTypeOf<boolean>();
});
lobby.once("confirm", (question, ack) => {
  expectTypeOf(question).toEqualTypeOf<string>();
  expectTypeOf(ack).toEqualTypeOf<(result: boolean) => void>();
  // @ts-expect-error: the answer is a boolean
  ack("yes");
});
lobby.off("tick").off("greeting", () => {});
// @ts-expect-error: a listener is missing
lobby.on("tick");
// @ts-expect-error: there is no third argument
lobby.on("tick", (number, last, more) => [number, last, more]);
// @ts-expect-error: no such event
lobby.on("tock", () => {});
// @ts-expect-error: clients send it, and do not receive it
lobby.on("echo", () => {});
// @ts-expect-error: an event has a name
lobby.on(2, 3);

// --- events from a client
lobby.emit("note", "hello");
lobby.emit("echo", "hello", (answer) => {
  expectTypeOf(answer).toEqualTypeOf<string>();
});
lobby.emit("done", () => {});
lobby.emit("add", 1, (sum) => expectTypeOf(sum).toEqualTypeOf<number>());
lobby.emit("add", 1, 2, (sum) => expectTypeOf(sum).toEqualTypeOf<number>());
lobby.emit("add", 1, null, () => {});
lobby.emit("picture", new Uint8Array(), () => {});
lobby.emit("picture", new Blob(), () => {});
lobby.volatile.compress(false).emit("note", "hello");
lobby.timeout(1000).emit("echo", "hello", (error, answer) => {
  expectTypeOf(error).toEqualTypeOf<Error>();
  expectTypeOf(answer).toEqualTypeOf<string>();
});
lobby.timeout(1000).emit("done", (error) => {
  expectTypeOf(error).toEqualTypeOf<Error>();
});
// @ts-expect-error: an argument is missing
lobby.emit("note");
// @ts-expect-error: an argument of another type
lobby.emit("note", 10);
// @ts-expect-error: an argument too many
lobby.emit("note", "hello", 10);
// @ts-expect-error: the server sends it, and does not receive it
lobby.emit("tick", 1, true);
// @ts-expect-error: no such event
lobby.emit("nothing");
// @ts-expect-error: the callback for the answer is missing
lobby.emit("echo", "hello");
// @ts-expect-error: Socket.IO throws
lobby.emit("disconnect");
// @ts-expect-error: a number array is no binary data
lobby.emit("picture", [1, 2, 3], () => {});
// @ts-expect-error: there is no event `message`
lobby.send("hello");
// @ts-expect-error: there is no event `message` with a timeout either
lobby.timeout(10).send("hello");

// --- answers, which are exact and never `any`
expectTypeOf(await lobby.emitWithAck("echo", "a")).toEqualTypeOf<string>();
expectTypeOf(await lobby.emitWithAck("add", 1)).toEqualTypeOf<number>();
expectTypeOf(await lobby.emitWithAck("add", 1, 2)).toEqualTypeOf<number>();
expectTypeOf(await lobby.emitWithAck("done")).toEqualTypeOf<void>();
const late = lobby.timeout(1000);
expectTypeOf(await late.emitWithAck("echo", "a")).toEqualTypeOf<string>();
expectTypeOf(await late.emitWithAck("add", 1)).toEqualTypeOf<number>();
const joined = await lobby.emitWithAck("join", "a");
expectTypeOf(joined).toEqualTypeOf<Ack<Joined, JoinError>>();
switch (joined.status) {
  case "ok":
    expectTypeOf(joined.data.members).toEqualTypeOf<Member[]>();
    break;
  case "error":
    switch (joined.error.reason) {
      case "full":
        expectTypeOf(joined.error.most).toEqualTypeOf<number>();
        break;
      default:
        joined.error.reason satisfies "closed";
    }
    break;
  case "rejected":
    expectTypeOf(joined.reason).toEqualTypeOf<Rejection>();
    break;
  default:
    joined satisfies never;
}
// @ts-expect-error: the status is not checked yet
joined.data;
// @ts-expect-error: it has no acknowledgement
await lobby.emitWithAck("note", "hello");
// @ts-expect-error: it has no acknowledgement, with a timeout either
await late.emitWithAck("note", "hello");
// @ts-expect-error: an argument is missing
await lobby.emitWithAck("echo");
// @ts-expect-error: an argument of another type
await lobby.emitWithAck("echo", 1);
// @ts-expect-error: an argument too many
await lobby.emitWithAck("echo", "a", "b");

// --- connections
connect("http://localhost", "/lobby", { auth: () => ({ token: "t" }) });
connect(manager, "/lobby", { auth: async () => ({ token: "t" }), retries: 3 });
connect(manager, "/open");
connect(manager, "/open", { ackTimeout: 1000 });
connect(manager, "/team/{name}", { parameters: { name: "a" } });
// @ts-expect-error: no such namespace
connect(manager, "/lobbies");
// @ts-expect-error: auth is missing
connect(manager, "/lobby");
// @ts-expect-error: auth is missing
connect(manager, "/lobby", { retries: 3 });
// @ts-expect-error: auth has a token
connect(manager, "/lobby", { auth: {} });
// @ts-expect-error: auth has a token that is a string
connect(manager, "/lobby", { auth: async () => ({ token: 1 }) });
// @ts-expect-error: there is no auth
connect(manager, "/open", { auth: { token: "t" } });
// @ts-expect-error: a parameter is missing
connect(manager, "/team/{name}");
// @ts-expect-error: no such parameter
connect(manager, "/team/{name}", { parameters: { nam: "a" } });

// --- register handlers for all events
register(lobby, {
  greeting: (text) => expectTypeOf(text).toEqualTypeOf<string>(),
  tick: () => {},
  entered: async (_room, member) => {
    expectTypeOf(member).toEqualTypeOf<Member>();
  },
  left: null,
  confirm: (_question, ack) => ack(true),
});
// @ts-expect-error: four handlers are missing
register(lobby, { greeting: () => {} });
register(connect(manager, "/open"), {
  greeting: () => {},
  // @ts-expect-error: no such event
  tick: () => {},
});
onAny(lobby, ({ event, args }) => {
  if (event === "entered") {
    expectTypeOf(args).toEqualTypeOf<[room: string, member: Member]>();
  }
  // @ts-expect-error: no such event
  return event === "tock";
});

// --- hooks
export function useEverything() {
  const Lobby = createSocketHooks(manager, "/lobby");
  const Open = createSocketHooks("http://localhost", "/open");
  Open.useNamespace();
  Open.useNamespace({ enabled: false });
  Lobby.useNamespace({ auth: { token: "t" }, enabled: true });
  // @ts-expect-error: auth is missing
  Lobby.useNamespace();
  // @ts-expect-error: auth is missing
  Lobby.useNamespace({ enabled: false });
  // @ts-expect-error: no such namespace
  createSocketHooks(manager, "/lobbies");

  const { socket, connectError } = Lobby.useSocket();
  expectTypeOf(socket).toEqualTypeOf<LobbySocket | null>();
  expectTypeOf(connectError?.data).toEqualTypeOf<Refusal | undefined>();

  Lobby.useSocketEvent("entered", (room, member) => {
    expectTypeOf(room).toEqualTypeOf<string>();
    expectTypeOf(member).toEqualTypeOf<Member>();
  });
  Lobby.useSocketEvent("disconnect", (reason) => {
    expectTypeOf(reason).toEqualTypeOf<Socket.DisconnectReason>();
  });
  Lobby.useSocketEvent("confirm", (_question, ack) => ack(true));
  // @ts-expect-error: no such event
  Lobby.useSocketEvent("tock", () => {});
  // @ts-expect-error: clients send it
  Lobby.useSocketEvent("note", () => {});

  expectTypeOf(Lobby.useLastEvent("tick")).toEqualTypeOf<
    [number: number, last: boolean] | undefined
  >();
  // @ts-expect-error: no such event
  Lobby.useLastEvent("tock");

  const echo = Lobby.useEmitWithAck("echo", { timeout: 1000 });
  expectTypeOf(echo.emit).parameters.toEqualTypeOf<[text: string]>();
  expectTypeOf(echo.data).toEqualTypeOf<string | undefined>();
  expectTypeOf(echo.error).toEqualTypeOf<
    { status: "timeout" | "disconnected" | "aborted" } | undefined
  >();
  const add = Lobby.useEmitWithAck("add");
  void add.emit(1);
  void add.emit(1, 2);
  // @ts-expect-error: it must be a number
  void add.emit("1");
  const done = Lobby.useEmitWithAck("done");
  expectTypeOf(done.emit).parameters.toEqualTypeOf<[]>();
  const join = Lobby.useEmitWithAck("join");
  expectTypeOf(join.data).toEqualTypeOf<Joined | undefined>();
  switch (join.error?.status) {
    case "error":
      expectTypeOf(join.error.error).toEqualTypeOf<JoinError>();
      break;
    case "rejected":
      expectTypeOf(join.error.reason).toEqualTypeOf<Rejection>();
      break;
    default:
      join.error?.status satisfies
        "timeout" | "disconnected" | "aborted" | undefined;
  }
  // @ts-expect-error: it has no acknowledgement
  Lobby.useEmitWithAck("note");

  const room = Lobby.useRoom("a", {
    join: "join",
    leave: "leave",
    entered: "entered",
    left: "left",
    members: (joined) => joined.members,
    identify: (member) => member.id,
  });
  expectTypeOf(room.members).toEqualTypeOf<readonly Member[]>();
  expectTypeOf(room.joined).toEqualTypeOf<Joined | undefined>();
  expectTypeOf(Lobby.useRoom(null, { join: "join" }).error).toEqualTypeOf<
    typeof join.error
  >();
  // @ts-expect-error: the name of a room is a string
  Lobby.useRoom(1, { join: "join" });
  // @ts-expect-error: it has no acknowledgement
  Lobby.useRoom("a", { join: "note" });
  // @ts-expect-error: its arguments are not a room and a member
  Lobby.useRoom("a", { join: "join", entered: "tick" });
  // @ts-expect-error: a text is not a room and a member
  Lobby.useRoom("a", { join: "join", entered: "greeting" });
  // @ts-expect-error: it has an acknowledgement, which would be ignored
  Lobby.useRoom("a", { join: "join", leave: "echo" });
  const byEvent = Lobby.useRoom("a", {
    join: "join",
    entered: "entered",
    identify: (member) => member.id,
  });
  expectTypeOf(byEvent.members).toEqualTypeOf<readonly Member[]>();
  const byId = Lobby.useRoom("a", {
    join: "join",
    members: (joined: Joined) => joined.members.map(({ id }) => id),
  });
  expectTypeOf(byId.members).toEqualTypeOf<readonly number[]>();
  Lobby.useRoom("a", {
    join: "join",
    entered: "entered",
    // @ts-expect-error: `entered` has members, and these are numbers
    members: ({ members }) => members.map(({ id }) => id),
    identify: (member) => member,
  });
  // @ts-expect-error: `identify` is missing
  Lobby.useRoom("a", { join: "join", entered: "entered" });
  Lobby.useEmitWithAck("echo", { timeout: undefined as number | undefined });
}

// --- Socket.IO's own server
export function serve(server: LobbyServer, lobby: LobbyNamespace) {
  expectTypeOf(new Server()).toExtend<LobbyServer>();
  server.on("connection", (socket) => {
    socket.on("echo", (text, ack) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      ack(text);
    });
    socket.on("join", (_room, ack) => {
      ack({ status: "ok", data: { members: [member] } });
      // @ts-expect-error: `most` is missing
      ack({ status: "error", error: { reason: "full" } });
    });
    // @ts-expect-error: no such event
    socket.on("tock", () => {});
    socket.data.name satisfies string;
    socket.emit("tick", 1, true);
    // @ts-expect-error: an argument is missing
    socket.emit("tick", 1);
  });
  lobby.to("a").emit("entered", "a", member);
  lobby.on("moved", (member) => expectTypeOf(member).toEqualTypeOf<Member>());
  lobby.serverSideEmit("moved", member);
  // @ts-expect-error: it is not an inter-server event
  lobby.serverSideEmit("tick", 1, true);
  // @ts-expect-error: the name is reserved by Socket.IO
  lobby.serverSideEmit("connection", member);
  expectTypeOf(lobby.serverSideEmitWithAck("count")).resolves.toEqualTypeOf<
    number[]
  >();
  expectTypeOf(
    lobby.timeout(1000).emitWithAck("confirm", "?"),
  ).resolves.toEqualTypeOf<boolean[]>();
}

/** Checks that every way to reach several clients has the same events, and collects the answers of all clients. */
export function broadcast(server: LobbyServer, lobby: LobbyNamespace) {
  for (const it of [server, lobby]) {
    it.emit("greeting", "hello");
    // @ts-expect-error: without a timeout, no answers are collected
    it.emit("confirm", "?", () => {});
    // @ts-expect-error: clients send it
    it.emit("note", "hello");
    // @ts-expect-error: there is no event `message`
    it.send("hello");
    for (const to of [
      it.to("a"),
      it.in("a"),
      it.except("a"),
      it.compress(true),
      it.volatile,
      it.local,
    ]) {
      to.emit("tick", 1, true);
      // @ts-expect-error: an argument is missing
      to.emit("tick", 1);
      // @ts-expect-error: without a timeout, it fails immediately
      void to.emitWithAck("confirm", "?");
    }
    it.timeout(5).emit("confirm", "?", (error, answers) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(answers).toEqualTypeOf<boolean[]>();
    });
    // @ts-expect-error: it has no acknowledgement
    void it.timeout(5).emitWithAck("greeting", "hello");
  }
  lobby.on("connection", (socket) => {
    expectTypeOf(
      socket.emitWithAck("confirm", "?"),
    ).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(
      socket.timeout(5).emitWithAck("confirm", "?"),
    ).resolves.toEqualTypeOf<boolean>();
    // @ts-expect-error: it has no acknowledgement
    void socket.emitWithAck("greeting", "hello");
    socket.emit("confirm", "?", (answer) =>
      expectTypeOf(answer).toEqualTypeOf<boolean>(),
    );
    for (const to of [
      socket.broadcast,
      socket.to("a"),
      socket.in("a"),
      socket.except("a"),
    ]) {
      to.emit("greeting", "hello");
      to.timeout(5).emit("confirm", "?", (_error, answers) =>
        expectTypeOf(answers).toEqualTypeOf<boolean[]>(),
      );
    }
    socket.on("done", (...args) =>
      expectTypeOf(args).toEqualTypeOf<[ack: () => void]>(),
    );
    socket.on("disconnect", (reason) => reason satisfies string);
    // @ts-expect-error: the server sends it
    socket.on("greeting", () => {});
    // @ts-expect-error: a listener is missing
    socket.on("note");
    // @ts-expect-error: there is no second argument
    socket.on("note", (text, more) => [text, more]);
    // @ts-expect-error: an event has a name
    socket.on(2, 3);
  });
  // @ts-expect-error: no such event
  lobby.on("tock", () => {});
  lobby.on("count", (...args) =>
    expectTypeOf(args).toEqualTypeOf<[ack: (result: number) => void]>(),
  );
  lobby.serverSideEmit("count", (error, counts) => {
    expectTypeOf(error).toEqualTypeOf<Error>();
    expectTypeOf(counts).toEqualTypeOf<number[]>();
  });
  // @ts-expect-error: it has no acknowledgement
  void lobby.serverSideEmitWithAck("moved", member);
}
