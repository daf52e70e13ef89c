// Socket.IO's own server, with the generated types.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { Manager, type ManagerOptions } from "socket.io-client";
import { onTestFinished, vi } from "vitest";
import type {
  LobbyNamespace,
  Member,
  OpenNamespace,
  TeamNamespace,
} from "../generated/events";

/** A server without handlers that ends with the test. */
export class TestServer {
  readonly io: Server;
  readonly lobby: LobbyNamespace;
  readonly open: OpenNamespace;
  readonly teams: TeamNamespace;
  /** All connections, including closed ones. */
  readonly transports: { close(): void }[] = [];
  /** Events that clients have sent to the lobby. */
  readonly received: unknown[][] = [];
  /** Auth of all clients that connected to the lobby. */
  readonly auths: unknown[] = [];
  readonly address: string;

  static async start(): Promise<TestServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const server = new TestServer(new Server(http), `http://127.0.0.1:${port}`);
    onTestFinished(async () => {
      await server.io.close();
    });
    return server;
  }

  private constructor(io: Server, address: string) {
    this.io = io;
    this.address = address;
    this.lobby = io.of("/lobby");
    this.open = io.of("/open");
    this.teams = io.of(/^\/team\/.+$/) as unknown as TeamNamespace;
    io.engine.on("connection", (it) => this.transports.push(it));
    io.of("/settled").on("connection", (socket) =>
      socket.on("echo", (ack) => ack()),
    );
    this.lobby.use((socket, next) => {
      this.auths.push(socket.handshake.auth);
      next();
    });
    this.lobby.on("connection", (socket) => {
      socket.onAny((...event) => this.received.push(event));
    });
  }

  /** Creates a connection that is closed with the test. */
  manager(options: Partial<ManagerOptions> = {}): Manager {
    const manager = new Manager(this.address, {
      reconnectionDelay: 20,
      reconnectionDelayMax: 20,
      ...options,
    });
    onTestFinished(() => manager._close());
    return manager;
  }

  /** Ends all connections, as a network fault does. The clients reconnect. */
  cut(): void {
    this.transports.forEach((transport) => transport.close());
  }

  /** Lets clients join rooms, and notifies the other members. */
  withRooms(): this {
    this.lobby.on("connection", (socket) => {
      const id = Number(socket.handshake.auth["token"]);
      const member: Member = { id, name: `number ${id}` };
      socket.data.name = member.name;
      const leave = (room: string) => {
        void socket.leave(room);
        this.lobby.to(room).emit("left", room, member);
      };
      socket.on("join", async (room, ack) => {
        if (room === "closed") {
          ack({ status: "error", error: { reason: "closed" } });
          return;
        }
        await socket.join(room);
        socket.to(room).emit("entered", room, member);
        const there = await this.lobby.in(room).fetchSockets();
        const members = there.map(({ handshake, data }) => ({
          id: Number(handshake.auth["token"]),
          name: data.name,
        }));
        ack({ status: "ok", data: { members } });
      });
      socket.on("leave", leave);
      socket.on("disconnecting", () => {
        for (const room of socket.rooms) {
          if (room !== socket.id) {
            leave(room);
          }
        }
      });
    });
    return this;
  }
}

/** Runs the pending timers without a delay, in which the hooks release resources that no component holds any more. */
export const runTimers = () =>
  // Timers with the same delay run in order.
  new Promise<void>((resolve) => setTimeout(resolve));

/**
 * Waits until client and server have handled everything that either has sent on a manager's connection.
 *
 * Effects that have not happened by then do not happen: all namespaces share the connection, which preserves the order.
 */
export async function settled(manager: Manager): Promise<void> {
  await runTimers();
  const socket = manager.socket("/settled");
  // Twice, because settled promises and received packets may cause further packets.
  for (let round = 0; round < 2; round += 1) {
    await socket.timeout(10_000).emitWithAck("echo");
    await runTimers();
  }
  socket.disconnect();
}

/** Waits until an assertion passes. */
export const until = (holds: () => void | Promise<void>) =>
  vi.waitFor(holds, { timeout: 10_000, interval: 5 });
