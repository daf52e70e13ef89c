// @vitest-environment happy-dom
import {
  act,
  cleanup,
  configure,
  render,
  renderHook,
} from "@testing-library/react";
import { StrictMode, useEffect, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import {
  connect,
  createSocketHooks,
  type SocketHooks,
} from "../generated/events";
import { settled, TestServer, until } from "./server";

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

// Events arrive at any time, not only inside `act`.
afterEach(cleanup);
configure({ asyncUtilTimeout: 10_000 });
globalThis.IS_REACT_ACT_ENVIRONMENT = false;

const auth = { token: "1" };

/** Returns the hooks of the lobby, and a wrapper that renders a component inside its provider. */
function lobbyOf(server: TestServer, token = "1") {
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={{ token }}>{children}</Lobby.Provider>
  );
  return { Lobby, manager, wrapper };
}

test("a namespace is open while a component wants it", async () => {
  const server = await TestServer.start();
  const { useNamespace } = createSocketHooks(server.manager(), "/lobby");
  const { result, rerender, unmount } = renderHook(
    ({ enabled }) => useNamespace({ auth, enabled }),
    { initialProps: { enabled: false } },
  );
  expect(result.current.socket).toBeNull();
  expect(result.current.status).toBe("disconnected");
  rerender({ enabled: true });
  await until(() => expect(result.current.isConnected).toBe(true));
  expect(server.auths).toEqual([auth]);
  rerender({ enabled: false });
  await until(() => expect(server.lobby.sockets.size).toBe(0));
  expect(result.current.socket).toBeNull();
  rerender({ enabled: true });
  await until(() => expect(result.current.status).toBe("connected"));
  unmount();
  await until(() => expect(server.lobby.sockets.size).toBe(0));
});

test("strict mode makes one connection", async () => {
  const server = await TestServer.start();
  const { useNamespace } = createSocketHooks(server.address, "/lobby");
  const { result, unmount } = renderHook(() => useNamespace({ auth }), {
    wrapper: StrictMode,
  });
  await until(() => expect(result.current.isConnected).toBe(true));
  expect(server.auths).toHaveLength(1);
  expect(server.transports).toHaveLength(1);
  unmount();
  await until(() => expect(server.lobby.sockets.size).toBe(0));
});

test("components that want the same namespace share it", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const one = renderHook(() => useNamespace({ auth }));
  const two = renderHook(() => useNamespace({ auth }));
  await until(() => expect(one.result.current.isConnected).toBe(true));
  await until(() => expect(two.result.current.isConnected).toBe(true));
  expect(one.result.current.socket).toBe(two.result.current.socket);
  one.unmount();
  await settled(manager);
  expect(two.result.current.isConnected).toBe(true);
  expect(server.auths).toHaveLength(1);
});

test("a namespace without auth, and one for each parameter", async () => {
  const server = await TestServer.start();
  server.open.on("connection", (socket) => socket.emit("greeting", "open"));
  server.teams.on("connection", (socket) =>
    socket.emit("greeting", socket.nsp.name),
  );
  const manager = server.manager();
  const Open = createSocketHooks(manager, "/open");
  const Team = createSocketHooks(manager, "/team/{name}");
  const Both = ({ name }: { name: string }) => (
    <Open.Provider>
      <Greeting of={Open} />
      <Team.Provider parameters={{ name }}>
        <Greeting of={Team} />
      </Team.Provider>
    </Open.Provider>
  );
  const page = render(<Both name="a" />);
  await page.findByText("open");
  await page.findByText("/team/a");
  page.rerender(<Both name="b" />);
  // The message of the other team is not shown for this one.
  expect(page.queryByText("/team/a")).toBeNull();
  await page.findByText("/team/b");
});

function Greeting({
  of: hooks,
}: {
  of: SocketHooks<"/open"> | SocketHooks<"/team/{name}">;
}) {
  const [text] = hooks.useLastEvent("greeting") ?? [];
  return <p>{text}</p>;
}

test("what is sent right after the connection is heard", async () => {
  const server = await TestServer.start();
  server.lobby.on("connection", (socket) => {
    socket.emit("greeting", "first");
    socket.emit("tick", 1, true);
  });
  const manager = server.manager();
  const { Provider, useSocketEvent } = createSocketHooks(manager, "/lobby");
  for (let round = 0; round < 50; round += 1) {
    const heard: unknown[] = [];
    const Listener = () => {
      useSocketEvent("greeting", (text) => heard.push(text));
      useSocketEvent("tick", (number, last) => heard.push(number, last));
      return null;
    };
    const page = render(
      <Provider auth={auth}>
        <Listener />
      </Provider>,
    );
    await until(() => expect(heard).toEqual(["first", 1, true]));
    page.unmount();
    await until(() => expect(server.lobby.sockets.size).toBe(0));
  }
});

test("nothing is asked of the server before all components listen", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const open = connect(manager, "/open");
  await until(() => expect(open.connected).toBe(true));
  const { Provider, useSocket } = createSocketHooks(manager, "/lobby");
  const order: string[] = [];
  const Listener = () => {
    const { socket, isConnected } = useSocket();
    useEffect(() => void (socket && order.push("listens")), [socket]);
    return <p>{String(isConnected)}</p>;
  };
  const signIn = () => {
    order.push("signs in");
    return auth;
  };
  const page = render(
    <Provider auth={signIn}>
      <Listener />
    </Provider>,
  );
  await page.findByText("true");
  expect(order).toEqual(["listens", "signs in"]);
});

test("an event is handled by the latest handler, and not after the component is gone", async () => {
  const server = await TestServer.start();
  const { Lobby, wrapper } = lobbyOf(server);
  const heard: string[] = [];
  const { rerender, result, unmount } = renderHook(
    ({ name }) => {
      Lobby.useSocketEvent("greeting", (text) => heard.push(`${name} ${text}`));
      Lobby.useSocketEvent("connect", () => heard.push("connected"));
      return Lobby.useSocket();
    },
    { wrapper, initialProps: { name: "one" } },
  );
  await until(() => expect(result.current.isConnected).toBe(true));
  const { socket } = result.current;
  server.lobby.emit("greeting", "a");
  await until(() => expect(heard).toEqual(["connected", "one a"]));
  const listeners = socket?.listeners("greeting");
  rerender({ name: "two" });
  expect(socket?.listeners("greeting")).toEqual(listeners);
  server.lobby.emit("greeting", "b");
  await until(() => expect(heard).toContain("two b"));
  unmount();
  expect(socket?.listeners("greeting")).toEqual([]);
});

test("a refusal is typed, and another auth is let in", async () => {
  const server = await TestServer.start();
  server.lobby.use((socket, next) => {
    // The format of this library's own server.
    const refusal = JSON.stringify({
      message: "too old",
      data: { reason: "expired", at: 3 },
    });
    next(
      socket.handshake.auth["token"] === "old" ? new Error(refusal) : undefined,
    );
  });
  const { useNamespace } = createSocketHooks(server.manager(), "/lobby");
  let token = "old";
  const { result } = renderHook(() =>
    useNamespace({ auth: async () => ({ token }) }),
  );
  await until(() => expect(result.current.connectError).not.toBeNull());
  const { connectError, status } = result.current;
  expect(status).toBe("disconnected");
  expect(connectError?.message).toBe("too old");
  const data = connectError?.data;
  expect(data?.reason === "expired" && data.at).toBe(3);
  token = "new";
  const { refreshAuth } = result.current;
  act(() => refreshAuth());
  // An effect that depends on the function does not run again.
  expect(result.current.refreshAuth).toBe(refreshAuth);
  expect(result.current.connectError).toBe(connectError);
  expect(result.current.status).toBe("connecting");
  await until(() => expect(result.current.isConnected).toBe(true));
  expect(result.current.connectError).toBeNull();
  expect(server.auths).toEqual([{ token: "old" }, { token: "new" }]);
  act(() => result.current.disconnect());
  expect(result.current.status).toBe("disconnected");
  act(() => result.current.connect());
  await until(() => expect(result.current.isConnected).toBe(true));
});

test("another auth is another user", async () => {
  const server = await TestServer.start();
  server.lobby.use((socket, next) =>
    next(socket.handshake.auth["token"] === "" ? new Error("who?") : undefined),
  );
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  const Status = () => <p>{Lobby.useSocket().status}</p>;
  const Page = ({ token, at }: { token: string; at: string }) => (
    <Lobby.Provider key={at} auth={{ token }}>
      <Status />
    </Lobby.Provider>
  );
  const page = render(<Page token="" at="a" />);
  await until(() => expect(server.auths).toHaveLength(1));
  await page.findByText("disconnected");
  page.rerender(<Page token="ada" at="a" />);
  await page.findByText("connected");
  // A new component gets the same result, although it could share the connection.
  page.rerender(<Page token="grace" at="b" />);
  await until(() => expect(server.auths.at(-1)).toEqual({ token: "grace" }));
  await page.findByText("connected");
  page.rerender(<Page token="grace" at="c" />);
  page.rerender(<Page token="grace" at="d" />);
  await page.findByText("connected");
  expect(server.auths.map((it) => (it as typeof auth).token)).toEqual([
    "",
    "ada",
    "grace",
  ]);
});

test("a lost connection is seen, and seen to come back", async () => {
  const server = await TestServer.start();
  const { Lobby, wrapper } = lobbyOf(server);
  const seen: string[] = [];
  const { result } = renderHook(
    () => {
      const state = Lobby.useSocket();
      if (seen.at(-1) !== state.status) seen.push(state.status);
      return state;
    },
    { wrapper },
  );
  await until(() => expect(result.current.isConnected).toBe(true));
  server.cut();
  await until(() =>
    expect(seen.slice(-3)).toEqual(["connected", "connecting", "connected"]),
  );
});

test("an answer comes with its state", async () => {
  const server = await TestServer.start();
  let answer: ((text: string) => void) | undefined;
  server.lobby.on("connection", (socket) => {
    socket.on("echo", (_, ack) => (answer = ack));
    socket.on("add", (...args) => {
      const ack = args.at(-1) as (sum: number) => void;
      ack(args.length);
    });
  });
  const { Lobby, wrapper } = lobbyOf(server);
  const { result } = renderHook(
    () => ({
      echo: Lobby.useEmitWithAck("echo"),
      add: Lobby.useEmitWithAck("add"),
      socket: Lobby.useSocket(),
    }),
    { wrapper },
  );
  await until(() => expect(result.current.socket.isConnected).toBe(true));
  expect(result.current.echo.isPending).toBe(false);
  const promise = result.current.echo.emit("hello");
  await until(() => expect(result.current.echo.isPending).toBe(true));
  await until(() => expect(answer).toBeDefined());
  answer?.("HELLO");
  expect(await promise).toEqual({ status: "ok", data: "HELLO" });
  await until(() => expect(result.current.echo.data).toBe("HELLO"));
  expect(result.current.echo.isPending).toBe(false);
  const sums = [await result.current.add.emit(1)];
  sums.push(await result.current.add.emit(1, 2));
  expect(sums).toEqual([
    { status: "ok", data: 2 },
    { status: "ok", data: 3 },
  ]);
});

test("an answer that does not come says why", async () => {
  const server = (await TestServer.start()).withRooms();
  server.lobby.on("connection", (socket) => {
    socket.on("echo", (text) => {
      if (text === "hang up") socket.disconnect();
    });
  });
  const { Lobby, wrapper } = lobbyOf(server);
  const { result } = renderHook(
    () => ({
      quick: Lobby.useEmitWithAck("echo", { timeout: 30 }),
      echo: Lobby.useEmitWithAck("echo"),
      join: Lobby.useEmitWithAck("join"),
      socket: Lobby.useSocket(),
    }),
    { wrapper },
  );
  await until(() => expect(result.current.socket.isConnected).toBe(true));

  const refused = await result.current.join.emit("closed");
  expect(refused).toEqual({ status: "error", error: { reason: "closed" } });
  await until(() => expect(result.current.join.error).toEqual(refused));
  expect(result.current.join.data).toBeUndefined();

  expect(await result.current.quick.emit("x")).toEqual({ status: "timeout" });
  const aborted = result.current.echo.emit("x");
  result.current.echo.abort();
  expect(await aborted).toEqual({ status: "aborted" });
  await until(() =>
    expect(result.current.echo.error).toEqual({ status: "aborted" }),
  );
  expect(await result.current.echo.emit("hang up")).toEqual({
    status: "disconnected",
  });
});

test("what waits for a connection can be aborted, and then is not sent", async () => {
  const server = await TestServer.start();
  server.lobby.on("connection", (socket) => {
    socket.on("echo", (text, ack) => ack(text));
  });
  const { Lobby, wrapper } = lobbyOf(server);
  const { result } = renderHook(
    () => ({
      one: Lobby.useEmitWithAck("echo"),
      two: Lobby.useEmitWithAck("echo"),
      socket: Lobby.useSocket(),
    }),
    { wrapper },
  );
  await until(() => expect(result.current.socket.isConnected).toBe(true));
  act(() => result.current.socket.disconnect());
  const one = result.current.one.emit("one");
  const two = result.current.two.emit("two");
  result.current.one.abort();
  expect(await one).toEqual({ status: "aborted" });
  act(() => result.current.socket.connect());
  expect(await two).toEqual({ status: "ok", data: "two" });
  expect(server.received.map(([, text]) => text)).toEqual(["two"]);
});

const rooms = {
  join: "join",
  leave: "leave",
  entered: "entered",
  left: "left",
  members: (joined: { members: { id: number; name: string }[] }) =>
    joined.members,
  identify: (member: { id: number }) => member.id,
} as const;

test("a room is joined, left, and joined again after a lost connection", async () => {
  const server = (await TestServer.start()).withRooms();
  const { Lobby, wrapper } = lobbyOf(server);
  const { result, rerender, unmount } = renderHook(
    ({ room }: { room: string | null }) => Lobby.useRoom(room, rooms),
    { wrapper, initialProps: { room: "a" } as { room: string | null } },
  );
  const ids = () => result.current.members.map(({ id }) => id);
  await until(() => expect(result.current.status).toBe("joined"));
  expect(ids()).toEqual([1]);

  const other = connect(server.manager(), "/lobby", { auth: { token: "2" } });
  await other.emitWithAck("join", "b");
  await other.emitWithAck("join", "a");
  await until(() => expect(ids()).toEqual([1, 2]));
  other.emit("leave", "a");
  await until(() => expect(ids()).toEqual([1]));
  await other.emitWithAck("join", "a");
  await until(() => expect(ids()).toEqual([1, 2]));

  server.cut();
  await until(() => expect(result.current.status).toBe("joining"));
  await until(() => expect(result.current.status).toBe("joined"));
  expect(ids()).toEqual([1]);
  await until(() => expect(other.connected).toBe(true));
  await other.emitWithAck("join", "a");
  await until(() => expect(ids()).toEqual([1, 2]));

  act(() => result.current.leave());
  expect(result.current.status).toBe("left");
  const there = async () =>
    (await server.lobby.in("a").fetchSockets()).map(({ data }) => data.name);
  await until(async () => expect(await there()).toEqual(["number 2"]));
  act(() => result.current.join());
  await until(() => expect(ids()).toEqual([1, 2].toReversed()));

  rerender({ room: null });
  expect(result.current.status).toBe("left");
  await until(async () => expect(await there()).toEqual(["number 2"]));
  rerender({ room: "closed" });
  await until(() =>
    expect(result.current.error).toEqual({
      status: "error",
      error: { reason: "closed" },
    }),
  );
  expect(result.current.status).toBe("refused");
  rerender({ room: "a" });
  await until(() => expect(result.current.status).toBe("joined"));
  unmount();
  await until(async () => expect(await there()).toEqual(["number 2"]));
});

test("members who come and go while the answer is on its way are counted", async () => {
  const server = await TestServer.start();
  const member = (id: number) => ({ id, name: "" });
  server.lobby.on("connection", (socket) => {
    socket.on("join", (room, ack) => {
      const members = [member(1), member(2)];
      socket.emit("entered", room, member(3));
      socket.emit("left", room, member(2));
      socket.emit("entered", "another", member(4));
      ack({ status: "ok", data: { members } });
    });
  });
  const { Lobby, wrapper } = lobbyOf(server);
  const { result } = renderHook(() => Lobby.useRoom("a", rooms), { wrapper });
  await until(() => expect(result.current.status).toBe("joined"));
  expect(result.current.members.map(({ id }) => id)).toEqual([1, 3]);
});

test("an answer that comes after the room was left is too late", async () => {
  const server = await TestServer.start();
  const waiting: (() => void)[] = [];
  server.lobby.on("connection", (socket) => {
    socket.on("join", (_, ack) =>
      waiting.push(() => ack({ status: "ok", data: { members: [] } })),
    );
    socket.on("echo", (text, ack) => ack(text));
  });
  const { Lobby, wrapper } = lobbyOf(server);
  const { result } = renderHook(
    () => ({
      room: Lobby.useRoom("a", rooms),
      echo: Lobby.useEmitWithAck("echo"),
    }),
    { wrapper },
  );
  await until(() => expect(waiting).toHaveLength(1));
  act(() => result.current.room.leave());
  waiting[0]?.();
  await result.current.echo.emit("later");
  expect(result.current.room.status).toBe("left");
});

test("strict mode and a second component join a room once", async () => {
  const server = (await TestServer.start()).withRooms();
  const { Lobby, manager, wrapper: Wrapper } = lobbyOf(server);
  const Member = () => <p>{Lobby.useRoom("a", rooms).status}</p>;
  const Page = ({ count }: { count: number }) => (
    <StrictMode>
      <Wrapper>
        {Array.from({ length: count }, (_, index) => (
          <Member key={index} />
        ))}
      </Wrapper>
    </StrictMode>
  );
  const page = render(<Page count={2} />);
  await until(() => expect(page.getAllByText("joined")).toHaveLength(2));
  page.rerender(<Page count={1} />);
  await settled(manager);
  expect(server.received).toEqual([["join", "a", expect.any(Function)]]);
  page.rerender(<Page count={0} />);
  await until(() => expect(server.received.at(-1)).toEqual(["leave", "a"]));
  page.rerender(<Page count={1} />);
  await page.findByText("joined");
  expect(server.received.map(([event]) => event)).toEqual([
    "join",
    "leave",
    "join",
  ]);
});

test("hooks outside of their Provider say so", () => {
  const { useSocket } = createSocketHooks("http://localhost", "/open");
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(() => renderHook(() => useSocket())).toThrow(
    "the hooks of /open must be used inside its Provider",
  );
  vi.restoreAllMocks();
});

test("a server renders a page that is not connected", async () => {
  const server = await TestServer.start();
  const { Provider, useSocket, useRoom, useLastEvent, useEmitWithAck } =
    createSocketHooks(server.address, "/lobby");
  const Status = () => (
    <p>
      {useSocket().status} {useRoom("a", rooms).status}{" "}
      {String(useLastEvent("tick"))} {String(useEmitWithAck("echo").isPending)}
    </p>
  );
  const html = renderToString(
    <Provider auth={auth}>
      <Status />
    </Provider>,
  );
  expect(html.replaceAll("<!-- -->", "")).toBe(
    "<p>disconnected left undefined false</p>",
  );
  expect(server.transports).toHaveLength(0);
});
