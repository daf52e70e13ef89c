import { Manager } from "socket.io-client";
import { createSocketHooks, fingerprints } from "./events";

/** The only connection, which all namespaces share. */
const manager = new Manager({
  autoConnect: false,
  reconnectionDelay: 500,
  reconnectionDelayMax: 2_000,
  query: fingerprints,
});

export const Chat = createSocketHooks(manager, "/chat");
export const Notifications = createSocketHooks(manager, "/notifications");
export const Admin = createSocketHooks(manager, "/admin");
export const Workspace = createSocketHooks(manager, "/workspace/{tenant}");
