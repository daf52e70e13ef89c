import { expect, test, vi } from "vitest";
import { connect, fingerprints, onAny, register } from "../generated/events";
import type { LobbyServerToClientEvents, Member } from "../generated/events";
import { TestServer, until } from "./server";

const credentials = { auth: { token: "1" } };

test("namespaces of one address share a connection, which says what the module knows", async () => {
  const server = await TestServer.start();
  const lobby = connect(server.address, "/lobby", credentials);
  expect(connect(server.address, "/lobby", credentials)).toBe(lobby);
  const open = connect(server.address, "/open");
  const team = connect(server.address, "/team/{name}", {
    parameters: { name: "a/b ä" },
  });
  await until(() =>
    expect([lobby, open, team].every((it) => it.connected)).toBe(true),
  );
  expect(server.transports).toHaveLength(1);
  expect(server.auths).toEqual([{ token: "1" }]);
  const [there] = await server.lobby.fetchSockets();
  expect(there?.handshake.query["sioTypes"]).toBe(fingerprints.sioTypes);
  expect([...server.io._nsps.keys()]).toContain("/team/a%2Fb%20%C3%A4");
  for (const socket of [lobby, open, team]) socket.disconnect();
});

test("a function is asked for the auth at every connection", async () => {
  const server = await TestServer.start();
  let token = 0;
  const auth = vi.fn(async () => ({ token: String(++token) }));
  const lobby = connect(server.manager(), "/lobby", { auth });
  await until(() => expect(lobby.connected).toBe(true));
  server.cut();
  await until(() =>
    expect(server.auths).toEqual([{ token: "1" }, { token: "2" }]),
  );
});

test("who opens a namespace again does so with the new auth", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const first = connect(manager, "/lobby", { auth: { token: "ada" } });
  const open = connect(manager, "/open");
  await until(() => expect(first.connected && open.connected).toBe(true));
  first.disconnect();
  const second = connect(manager, "/lobby", {
    auth: () => ({ token: "grace" }),
  });
  expect(second).toBe(first);
  await until(() =>
    expect(server.auths).toEqual([{ token: "ada" }, { token: "grace" }]),
  );
});

test("auth that cannot be had is a connect_error, and can be had later", async () => {
  const server = await TestServer.start();
  const auth = vi.fn<() => Promise<{ token: string }>>();
  auth.mockRejectedValueOnce(new Error("no network"));
  auth.mockResolvedValue({ token: "1" });
  const lobby = connect(server.manager(), "/lobby", { auth });
  const errors: string[] = [];
  lobby.on("connect_error", (error) => errors.push(error.message));
  await until(() => expect(errors).toEqual(["no network"]));
  expect(lobby.active).toBe(false);
  lobby.connect();
  await until(() => expect(lobby.connected).toBe(true));
});

test("a socket that is closed while its auth is fetched is not connected by it", async () => {
  const server = await TestServer.start();
  const manager = server.manager();
  const open = connect(manager, "/open");
  await until(() => expect(open.connected).toBe(true));
  const waiting: ((auth: { token: string }) => void)[] = [];
  const auth = () =>
    new Promise<{ token: string }>((resolve) => waiting.push(resolve));
  const lobby = connect(manager, "/lobby", { auth });
  await until(() => expect(waiting).toHaveLength(1));
  lobby.disconnect().connect();
  await until(() => expect(waiting).toHaveLength(2));
  waiting[0]?.({ token: "late" });
  waiting[1]?.({ token: "new" });
  await until(() => expect(lobby.connected).toBe(true));
  expect(server.auths).toEqual([{ token: "new" }]);

  lobby.disconnect();
  lobby.connect();
  await until(() => expect(waiting).toHaveLength(3));
  lobby.disconnect();
  waiting[2]?.({ token: "nobody" });
  open.disconnect().connect();
  await until(() => expect(open.connected).toBe(true));
  expect(server.auths).toEqual([{ token: "new" }]);
});

test("an object or an instance handles all events, until it no longer does", async () => {
  const server = await TestServer.start();
  const lobby = connect(server.manager(), "/lobby", credentials);
  class Handlers {
    readonly heard: string[] = [];
    greeting(text: string) {
      this.heard.push(text);
    }
    tick(number: number, last: boolean) {
      this.heard.push(`${number} ${last}`);
    }
    entered(room: string, member: Member) {
      this.heard.push(`${member.name} in ${room}`);
    }
    left = null;
    confirm(question: string, ack: (answer: boolean) => void) {
      ack(question === "really?");
    }
  }
  const handlers = new Handlers();
  const stop = register(lobby, handlers);
  await until(() => expect(lobby.connected).toBe(true));
  const [there] = server.lobby.sockets.values();
  there?.emit("greeting", "hello");
  there?.emit("left", "a", { id: 1, name: "Ada" });
  // Members that every object inherits are not handlers.
  const inherited = vi.spyOn(Object.prototype, "isPrototypeOf");
  const untyped = there as
    { emit(event: string, ...args: string[]): void } | undefined;
  untyped?.emit("isPrototypeOf", "from the server");
  there?.emit("tick", 1, true);
  there?.emit("entered", "a", { id: 1, name: "Ada" });
  expect(await there?.emitWithAck("confirm", "really?")).toBe(true);
  expect(handlers.heard).toEqual(["hello", "1 true", "Ada in a"]);
  expect(inherited.mock.calls).not.toContainEqual(["from the server"]);
  inherited.mockRestore();
  stop();
  there?.emit("greeting", "nobody listens");
  const later: string[] = [];
  lobby.on("greeting", (text) => later.push(text));
  there?.emit("greeting", "again");
  await until(() => expect(later).toContain("again"));
  expect(handlers.heard).toHaveLength(3);
});

test("all events come as one union", async () => {
  const server = await TestServer.start();
  const lobby = connect(server.manager(), "/lobby", credentials);
  const heard: string[] = [];
  const stop = onAny(lobby, ({ event, args }) => {
    switch (event) {
      case "tick":
        heard.push(args[1] ? "last" : String(args[0] + 1));
        break;
      case "greeting":
        heard.push(args[0].toUpperCase());
        break;
      default:
        event satisfies Exclude<
          keyof LobbyServerToClientEvents,
          "tick" | "greeting"
        >;
    }
  });
  await until(() => expect(lobby.connected).toBe(true));
  server.lobby.emit("tick", 1, false);
  server.lobby.emit("greeting", "hello");
  server.lobby.emit("tick", 2, true);
  await until(() => expect(heard).toEqual(["2", "HELLO", "last"]));
  stop();
});
