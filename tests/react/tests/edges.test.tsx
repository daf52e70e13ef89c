// @vitest-environment happy-dom
// Edge cases: strict mode, quick changes, late answers, several components, and components that mount later than
// others.
import {
  act,
  cleanup,
  configure,
  render,
  renderHook,
} from "@testing-library/react";
import {
  Activity,
  StrictMode,
  useEffect,
  useState,
  type ReactNode,
} from "react";
import type { Manager } from "socket.io-client";
import { afterEach, expect, test, vi } from "vitest";
import {
  connect,
  createSocketHooks,
  unsupportedVersion,
} from "../generated/events";
import { runTimers, settled, TestServer, until } from "./server";

afterEach(cleanup);
configure({ asyncUtilTimeout: 10_000 });
globalThis.IS_REACT_ACT_ENVIRONMENT = false;
const auth = { token: "1" };
const rooms = {
  join: "join",
  leave: "leave",
  entered: "entered",
  left: "left",
  members: (joined: { members: { id: number; name: string }[] }) =>
    joined.members,
  identify: (member: { id: number }) => member.id,
} as const;

async function openManager(server: TestServer) {
  const manager = server.manager();
  const open = connect(manager, "/open");
  await until(() => expect(open.connected).toBe(true));
  return manager;
}

test("strict mode connects on a connection that is already open", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const { result } = renderHook(() => useNamespace({ auth }), {
    wrapper: StrictMode,
  });
  await until(() => expect(result.current.status).toBe("connected"));
});

test("a second component that is removed at once does not stop the first one from reconnecting", async () => {
  const server = await TestServer.start();
  const { useNamespace } = createSocketHooks(server.manager(), "/lobby");
  const one = renderHook(() => useNamespace({ auth }));
  await until(() => expect(one.result.current.isConnected).toBe(true));
  const Second = () => (useNamespace({ auth }), null);
  const Redirect = () => {
    const [gone, setGone] = useState(false);
    useEffect(() => setGone(true), []);
    return gone ? null : <Second />;
  };
  render(<Redirect />);
  await runTimers();
  server.cut();
  await until(() => expect(one.result.current.status).toBe("connecting"));
  await until(() => expect(one.result.current.status).toBe("connected"));
});

test("parameters of another shape are the same namespace, if the path is the same", async () => {
  const server = await TestServer.start();
  const { useNamespace } = createSocketHooks(server.manager(), "/team/{name}");
  const { result, rerender } = renderHook(
    ({ team }) => useNamespace({ parameters: team }),
    { initialProps: { team: { name: "a", points: 1 } } },
  );
  await until(() => expect(result.current.isConnected).toBe(true));
  rerender({ team: { name: "a", points: 2 } });
  await runTimers();
  server.cut();
  await until(() => expect(result.current.status).toBe("connecting"));
  await until(() => expect(result.current.status).toBe("connected"));
});

test("the auth of a component that is gone is not used", async () => {
  const server = await TestServer.start();
  const { useNamespace } = createSocketHooks(server.manager(), "/lobby");
  const one = renderHook(({ token }) => useNamespace({ auth: { token } }), {
    initialProps: { token: "old" },
  });
  const two = renderHook(() => useNamespace({ auth: { token: "old" } }));
  await until(() => expect(one.result.current.isConnected).toBe(true));
  two.unmount();
  one.rerender({ token: "new" });
  act(() => one.result.current.refreshAuth());
  await until(() => expect(server.auths).toHaveLength(2));
  expect(server.auths[1]).toEqual({ token: "new" });
});

test("a room has the events of who is in it, not of who was first", async () => {
  const server = (await TestServer.start()).withRooms();
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const { result, rerender } = renderHook(
    ({ page }) => {
      const badge = Lobby.useRoom(page === 1 ? "a" : null, { join: "join" });
      const list = Lobby.useRoom(page === 2 ? "a" : null, rooms);
      return { badge, list };
    },
    { wrapper, initialProps: { page: 1 } },
  );
  await until(() => expect(result.current.badge.status).toBe("joined"));
  rerender({ page: 0 });
  await runTimers();
  rerender({ page: 2 });
  await until(() => expect(result.current.list.status).toBe("joined"));
  expect(result.current.list.members.map(({ id }) => id)).toEqual([1]);
});

test("two components of a room may each have events of their own", async () => {
  const server = (await TestServer.start()).withRooms();
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const { result } = renderHook(
    () => ({
      badge: Lobby.useRoom("a", { join: "join" }),
      list: Lobby.useRoom("a", rooms),
    }),
    { wrapper },
  );
  await until(() => expect(result.current.list.status).toBe("joined"));
  expect(result.current.list.members.map(({ id }) => id)).toEqual([1]);
});

test("`members` and `identify` are the latest ones", async () => {
  const server = (await TestServer.start()).withRooms();
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const { result, rerender } = renderHook(
    ({ hide }) =>
      Lobby.useRoom("a", {
        join: "join",
        members: (joined) => joined.members.filter(({ id }) => id !== hide),
      }),
    { wrapper, initialProps: { hide: 1 } },
  );
  await until(() => expect(result.current.status).toBe("joined"));
  rerender({ hide: 2 });
  act(() => result.current.leave());
  act(() => result.current.join());
  await until(() => expect(result.current.status).toBe("joined"));
  expect(result.current.members.map(({ id }) => id)).toEqual([1]);
});

test("auth that comes while a lost connection is made again is sent once", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const open = connect(manager, "/open");
  await until(() => expect(open.connected).toBe(true));
  const lost = vi.fn();
  open.on("disconnect", lost);
  let first = () => {};
  const auth = vi.fn(async () => ({ token: "later" }));
  auth.mockImplementationOnce(
    () => new Promise((resolve) => (first = () => resolve({ token: "first" }))),
  );
  const lobby = connect(manager, "/lobby", { auth });
  await until(() => expect(auth).toHaveBeenCalledTimes(1));
  manager.once("reconnect_attempt", () => first());
  server.cut();
  await until(() => expect(lobby.connected).toBe(true));
  await settled(manager);
  expect.soft(server.auths).toEqual([{ token: "later" }]);
  expect(lost).toHaveBeenCalledTimes(1); // the cut
});

test("auth that fails for a connection that is lost anyway is asked again", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  let fail = () => {};
  const auth = vi.fn(async () => ({ token: "later" }));
  auth.mockImplementationOnce(
    () => new Promise((_, reject) => (fail = () => reject(new Error("net")))),
  );
  const lobby = connect(manager, "/lobby", { auth });
  await until(() => expect(auth).toHaveBeenCalledTimes(1));
  manager.once("close", () => fail());
  server.cut();
  await until(() => expect(lobby.connected).toBe(true));
});

test("a pending auth function is not sent after a plain auth", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const open = connect(manager, "/open");
  await until(() => expect(open.connected).toBe(true));
  const lost = vi.fn();
  open.on("disconnect", lost);
  let late: (auth: { token: string }) => void = () => {};
  const pending = vi.fn(
    () => new Promise<{ token: string }>((resolve) => (late = resolve)),
  );
  const lobby = connect(manager, "/lobby", { auth: pending });
  await until(() => expect(pending).toHaveBeenCalledTimes(1));
  lobby.disconnect();
  connect(manager, "/lobby", { auth: { token: "new" } });
  await until(() => expect(lobby.connected).toBe(true));
  late({ token: "old" });
  await settled(manager);
  expect.soft(server.auths).toEqual([{ token: "new" }]);
  expect(lost).not.toHaveBeenCalled();
});

async function rejections(run: () => Promise<void>) {
  const found: unknown[] = [];
  const listener = (reason: unknown) => void found.push(reason);
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listener);
  try {
    await run();
  } finally {
    process.off("unhandledRejection", listener);
    others.forEach((it) => process.on("unhandledRejection", it));
  }
  return found;
}

test("auth that throws at once on an open connection is a connect_error", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  const errors: string[] = [];
  const found = await rejections(async () => {
    const lobby = connect(manager, "/lobby", {
      auth: (): { token: string } => {
        throw new Error("not signed in");
      },
    });
    lobby.on("connect_error", (error) => errors.push(error.message));
    await settled(manager);
    expect.soft(lobby.active).toBe(false);
  });
  expect.soft(found).toEqual([]);
  expect(errors).toEqual(["not signed in"]);
});

test("auth that fails reaches `once`", async () => {
  const server = await TestServer.start();
  const errors: string[] = [];
  const found = await rejections(async () => {
    const lobby = connect(server.manager(), "/lobby", {
      auth: async () => Promise.reject(new Error("no network")),
    });
    lobby.once("connect_error", (error) => errors.push(error.message));
    lobby.on("connect_error", (error) => errors.push(error.message));
    await until(() => expect(errors).not.toEqual([]));
    // Node.js reports unhandled rejections before the next timer.
    await runTimers();
  });
  expect.soft(found).toEqual([]);
  expect(errors).toEqual(["no network", "no network"]);
});

test("the namespace / of an address has auth", async () => {
  const server = await TestServer.start();
  const auths: unknown[] = [];
  server.io.on("connection", (it) => void auths.push(it.handshake.auth));
  // Like a module with a namespace "/".
  const socket = connect(server.address, "/" as "/lobby", { auth });
  await until(() => expect(socket.connected).toBe(true));
  socket.disconnect();
  expect(auths).toEqual([auth]);
});

test("one can connect after the manager has given up", async () => {
  const server = await TestServer.start();
  const manager = server.manager({ reconnection: false });
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const { result } = renderHook(() => useNamespace({ auth }));
  await until(() => expect(result.current.isConnected).toBe(true));
  server.cut();
  await until(() => expect(result.current.isConnected).toBe(false));
  expect.soft(result.current.status).toBe("disconnected");
  act(() => result.current.connect());
  await until(() => expect(result.current.status).toBe("connected"));
});

test("no effect sees the socket of other parameters", async () => {
  const server = await TestServer.start();
  const said: string[] = [];
  server.teams.on("connection", (socket) =>
    socket.on("echo", (text) => said.push(`${socket.nsp.name}: ${text}`)),
  );
  const Team = createSocketHooks(server.manager(), "/team/{name}");
  const Hello = ({ name }: { name: string }) => {
    const { socket } = Team.useSocket();
    useEffect(() => {
      socket?.emit("echo", `hello ${name}`, () => {});
    }, [socket, name]);
    return null;
  };
  const Page = ({ name }: { name: string }) => (
    <>
      <Team.Provider parameters={{ name: "a" }} />
      <Team.Provider parameters={{ name }}>
        <Hello name={name} />
      </Team.Provider>
    </>
  );
  const page = render(<Page name="a" />);
  await until(() => expect(said).toHaveLength(1));
  page.rerender(<Page name="b" />);
  await until(() => expect(said).toContain("/team/b: hello b"));
  expect(said).toEqual(["/team/a: hello a", "/team/b: hello b"]);
});

test("no commit shows the members of another room", async () => {
  const server = (await TestServer.start()).withRooms();
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const seen: string[] = [];
  const { result, rerender } = renderHook(
    ({ room }) => {
      const state = Lobby.useRoom(room, rooms);
      useEffect(
        () => void seen.push(`${room} ${state.status} ${state.members.length}`),
      );
      return state;
    },
    { wrapper, initialProps: { room: "a" } },
  );
  await until(() => expect(result.current.status).toBe("joined"));
  seen.length = 0;
  rerender({ room: "closed" });
  await until(() => expect(result.current.status).toBe("refused"));
  expect(seen).not.toContain("closed joined 1");
});

test("another mount joins a room that was left", async () => {
  const server = (await TestServer.start()).withRooms();
  const Lobby = createSocketHooks(server.manager(), "/lobby");
  let leave = () => {};
  const Member = ({ name }: { name: string }) => {
    const room = Lobby.useRoom("a", rooms);
    leave = room.leave;
    return <p>{`${name} ${room.status}`}</p>;
  };
  const Page = ({ names }: { names: string[] }) => (
    <Lobby.Provider auth={auth}>
      {names.map((name) => (
        <Member key={name} name={name} />
      ))}
    </Lobby.Provider>
  );
  const page = render(<Page names={["x"]} />);
  await page.findByText("x joined");
  act(() => leave());
  await page.findByText("x left");
  page.rerender(<Page names={["x", "y"]} />);
  await page.findByText("y joined");
});

test("who is gone opens nothing", async () => {
  const server = await TestServer.start();
  server.lobby.use((_, next) =>
    next(server.auths.length === 1 ? new Error("later") : undefined),
  );
  const manager = server.manager();
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const { result, unmount } = renderHook(() => useNamespace({ auth }));
  await until(() => expect(result.current.connectError).not.toBeNull());
  unmount();
  await runTimers();
  // A retry after a rejection.
  result.current.connect();
  await settled(manager);
  expect(server.auths).toHaveLength(1);
  expect(server.lobby.sockets.size).toBe(0);
});

test("who is gone joins nothing", async () => {
  const server = (await TestServer.start()).withRooms();
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const seen: { join?: () => void } = {};
  const Member = () => {
    const room = Lobby.useRoom("a", rooms);
    seen.join = room.join;
    return <p>{room.status}</p>;
  };
  const Page = ({ inside }: { inside: boolean }) => (
    <Lobby.Provider auth={auth}>{inside && <Member />}</Lobby.Provider>
  );
  const page = render(<Page inside />);
  await page.findByText("joined");
  page.rerender(<Page inside={false} />);
  await until(() => expect(server.received.at(-1)).toEqual(["leave", "a"]));
  await runTimers();
  seen.join?.();
  await settled(manager);
  expect((await server.lobby.in("a").fetchSockets()).length).toBe(0);
});

test("a hook's connectError tells of an unsupported version", async () => {
  const server = await TestServer.start();
  const data = { code: "unsupported_version", client: "a", server: "b" };
  server.lobby.use((_, next) =>
    next(new Error(JSON.stringify({ message: "too old", data }))),
  );
  const { useNamespace } = createSocketHooks(server.manager(), "/lobby");
  const { result } = renderHook(() => useNamespace({ auth }));
  await until(() => expect(result.current.connectError).not.toBeNull());
  const { connectError } = result.current;
  expect(connectError && unsupportedVersion(connectError)).toEqual(data);
});

test("an answer of another team is not this one's", async () => {
  const server = await TestServer.start();
  server.teams.on("connection", (socket) =>
    socket.on("echo", (text, ack) => ack(`${socket.nsp.name} ${text}`)),
  );
  const Team = createSocketHooks(server.manager(), "/team/{name}");
  const shown: { emit?: (text: string) => Promise<unknown> } = {};
  const Echo = () => {
    const { data, emit } = Team.useEmitWithAck("echo");
    shown.emit = emit;
    const { socket, isConnected } = Team.useSocket();
    const { nsp } = (socket ?? {}) as unknown as { nsp?: string };
    return <p>{`${nsp} ${isConnected}: ${data}`}</p>;
  };
  const Page = ({ name }: { name: string }) => (
    <Team.Provider parameters={{ name }}>
      <Echo />
    </Team.Provider>
  );
  const page = render(<Page name="a" />);
  await page.findByText("/team/a true: undefined");
  await shown.emit?.("x");
  await page.findByText("/team/a true: /team/a x");
  page.rerender(<Page name="b" />);
  await page.findByText("/team/b true: undefined");
});

test("what one user could not send is not sent by the next one", async () => {
  const server = await TestServer.start();
  server.lobby.use((socket, next) =>
    next(
      socket.handshake.auth["token"] === "ada" ? new Error("no") : undefined,
    ),
  );
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const wrapperOf =
    (token: string) =>
    ({ children }: { children: ReactNode }) => (
      <Lobby.Provider auth={{ token }}>{children}</Lobby.Provider>
    );
  const hook = () => ({
    echo: Lobby.useEmitWithAck("echo"),
    socket: Lobby.useSocket(),
  });
  const ada = renderHook(hook, { wrapper: wrapperOf("ada") });
  await until(() =>
    expect(ada.result.current.socket.connectError).toBeTruthy(),
  );
  void ada.result.current.echo.emit("secret of ada");
  ada.unmount();
  await runTimers();
  const eve = renderHook(hook, { wrapper: wrapperOf("eve") });
  await until(() => expect(eve.result.current.socket.isConnected).toBe(true));
  await settled(manager);
  expect(server.received.map(([, text]) => text)).toEqual([]);
});

test("a room that refused is not left", async () => {
  const server = (await TestServer.start()).withRooms();
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const Member = () => <p>{Lobby.useRoom("closed", rooms).status}</p>;
  const Page = ({ inside }: { inside: boolean }) => (
    <Lobby.Provider auth={auth}>{inside && <Member />}</Lobby.Provider>
  );
  const page = render(<Page inside />);
  await page.findByText("refused");
  page.rerender(<Page inside={false} />);
  await settled(manager);
  expect(server.received.map(([event]) => event)).toEqual(["join"]);
});

test("from one room to another and back in one tick", async () => {
  const server = (await TestServer.start()).withRooms();
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const { result, rerender } = renderHook(
    ({ room }) => Lobby.useRoom(room, rooms),
    { wrapper, initialProps: { room: "a" } },
  );
  await until(() => expect(result.current.status).toBe("joined"));
  rerender({ room: "b" });
  rerender({ room: "a" });
  await settled(manager);
  expect(result.current.status).toBe("joined");
  const ids = async (room: string) =>
    (await server.lobby.in(room).fetchSockets()).length;
  expect([await ids("a"), await ids("b")]).toEqual([1, 0]);
});

test("`enabled` that changes quickly makes one connection", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const { result, rerender } = renderHook(
    ({ enabled }) => useNamespace({ auth, enabled }),
    { initialProps: { enabled: false } },
  );
  for (let i = 0; i < 9; i++) rerender({ enabled: i % 2 === 0 });
  await until(() => expect(result.current.status).toBe("connected"));
  await settled(manager);
  expect(server.lobby.sockets.size).toBe(1);
  expect(server.auths).toHaveLength(1);
});

for (const strict of [false, true]) {
  test(`a hidden <Activity> closes what it has opened (strict mode: ${strict})`, async () => {
    const server = (await TestServer.start()).withRooms();
    const manager = strict ? server.manager() : await openManager(server);
    const Lobby = createSocketHooks(manager, "/lobby");
    const Member = () => {
      const { status } = Lobby.useSocket();
      const room = Lobby.useRoom("a", rooms);
      return <p>{`${status} ${room.status}`}</p>;
    };
    const Page = ({ mode }: { mode: "visible" | "hidden" }) => {
      const page = (
        <Activity mode={mode}>
          <Lobby.Provider auth={auth}>
            <Member />
          </Lobby.Provider>
        </Activity>
      );
      return strict ? <StrictMode>{page}</StrictMode> : page;
    };
    const page = render(<Page mode="visible" />);
    await page.findByText("connected joined");
    page.rerender(<Page mode="hidden" />);
    await until(() => expect(server.lobby.sockets.size).toBe(0));
    page.rerender(<Page mode="visible" />);
    await page.findByText("connected joined");
    page.rerender(<Page mode="hidden" />);
    page.rerender(<Page mode="visible" />);
    await settled(manager);
    await page.findByText("connected joined");
    server.cut();
    await page.findByText(/^connecting/);
    await page.findByText("connected joined");
    await settled(manager);
    expect(server.lobby.sockets.size).toBe(1);
  });
}

test("`enabled` that changes while auth is fetched asks again, and connects once", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  const waiting: (() => void)[] = [];
  const pending = () =>
    new Promise<{ token: string }>((resolve) => {
      const token = String(waiting.length);
      waiting.push(() => resolve({ token }));
    });
  const { result, rerender } = renderHook(
    ({ enabled }) => useNamespace({ auth: pending, enabled }),
    { initialProps: { enabled: true } },
  );
  await until(() => expect(waiting).toHaveLength(1));
  rerender({ enabled: false });
  await runTimers();
  rerender({ enabled: true });
  await until(() => expect(waiting).toHaveLength(2));
  waiting[0]?.();
  await settled(manager);
  expect(server.auths).toEqual([]);
  waiting[1]?.();
  await until(() => expect(result.current.isConnected).toBe(true));
  await settled(manager);
  expect(server.auths).toEqual([{ token: "1" }]);
});

test("`enabled` that changes in one tick while auth is fetched does not matter", async () => {
  const server = await TestServer.start();
  const manager = await openManager(server);
  const { useNamespace } = createSocketHooks(manager, "/lobby");
  let token = "old";
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const fetched = vi.fn(async () => (await gate, { token }));
  const { result, rerender } = renderHook(
    ({ enabled }) => useNamespace({ auth: fetched, enabled }),
    { initialProps: { enabled: true } },
  );
  await until(() => expect(fetched).toHaveBeenCalledTimes(1));
  rerender({ enabled: false });
  rerender({ enabled: true });
  await runTimers();
  token = "new";
  release();
  await until(() => expect(result.current.isConnected).toBe(true));
  await settled(manager);
  expect(server.auths).toEqual([{ token: "new" }]);
});

const moments: {
  [name: string]: (server: TestServer, manager: Manager) => Promise<void>;
} = {
  "at once": async () => {},
  "before the server answers": runTimers,
  "when the connection is open": (_, manager) =>
    until(() => expect(manager._readyState).toBe("open")),
  "when it is let in": (server) =>
    until(() => expect(server.auths).toHaveLength(1)),
  "when it is connected": (server) =>
    until(() => expect(server.lobby.sockets.size).toBe(1)),
};

for (const [name, moment] of Object.entries(moments)) {
  test(`unmount while connecting leaves nothing (${name})`, async () => {
    const server = await TestServer.start();
    const { useNamespace } = createSocketHooks(server.address, "/lobby");
    const { result, unmount } = renderHook(() => useNamespace({ auth }));
    const manager = result.current.socket!.io;
    await moment(server, manager);
    const isOpen = manager._readyState === "open";
    unmount();
    // Another connection, which starts later and makes more round trips than the first one would need.
    await settled(server.manager());
    await until(() => expect(server.lobby.sockets.size).toBe(0));
    expect(manager._readyState).toBe("closed");
    // Socket.IO's client does not close a session whose handshake it has not seen. The server's ping timeout closes it.
    if (isOpen) {
      await until(() => expect(server.io.engine.clientsCount).toBe(0));
    }
  });
}

test("a join that is answered after a reconnection is not this one's", async () => {
  const server = await TestServer.start();
  const acks: ((ids: number[]) => void)[] = [];
  server.lobby.on("connection", (socket) =>
    socket.on("join", (_, ack) =>
      acks.push((ids) =>
        ack({
          status: "ok",
          data: { members: ids.map((id) => ({ id, name: "" })) },
        }),
      ),
    ),
  );
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Lobby.Provider auth={auth}>{children}</Lobby.Provider>
  );
  const { result } = renderHook(() => Lobby.useRoom("a", rooms), { wrapper });
  await until(() => expect(acks).toHaveLength(1));
  act(() => result.current.join());
  await until(() => expect(acks).toHaveLength(2));
  acks[1]?.([2]);
  acks[0]?.([1]);
  await until(() => expect(result.current.status).toBe("joined"));
  await settled(manager);
  expect(result.current.members.map(({ id }) => id)).toEqual([2]);
  server.cut();
  await until(() => expect(acks).toHaveLength(3));
  acks[2]?.([3]);
  await until(() => expect(result.current.members[0]?.id).toBe(3));
});

test("no listeners are left", async () => {
  const server = (await TestServer.start()).withRooms();
  const manager = server.manager();
  const Lobby = createSocketHooks(manager, "/lobby");
  const keep = renderHook(() => Lobby.useNamespace({ auth }));
  await until(() => expect(keep.result.current.isConnected).toBe(true));
  const socket = keep.result.current.socket!;
  const count = () =>
    (
      [
        "connect",
        "disconnect",
        "connect_error",
        "entered",
        "left",
        "tick",
      ] as const
    ).map((event) => socket.listeners(event).length);
  const before = count();
  const Member = () => {
    const { status } = Lobby.useRoom("a", rooms);
    Lobby.useLastEvent("tick");
    Lobby.useSocketEvent("connect", () => {});
    return <p>{status}</p>;
  };
  for (let i = 0; i < 4; i++) {
    const page = render(
      <StrictMode>
        <Lobby.Provider auth={auth}>
          <Member />
          <Member />
        </Lobby.Provider>
      </StrictMode>,
    );
    // In every other round, the components unmount before the answer.
    if (i % 2 === 0) {
      await page.findAllByText("joined");
    }
    page.unmount();
  }
  await settled(manager);
  expect(count()).toEqual(before);
});
