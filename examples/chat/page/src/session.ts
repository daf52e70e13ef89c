import { Manager, type Socket } from "socket.io-client";
import {
  connect,
  connectErrorData,
  type ChatSocket,
  type Namespaces,
  type SignInError,
} from "./events";

/** Somebody who is signed in. */
export interface Session {
  token: string;
  manager: Manager;
  chat: ChatSocket;
}

/** Why a namespace was not entered. */
export class Refused extends Error {}

/** Signs in; every namespace shares one connection. */
export async function signIn(token: string): Promise<Session> {
  const manager = new Manager({ autoConnect: true });
  const chat = connect(manager, "/chat", { auth: { token } });
  await entered("/chat", chat);
  return { token, manager, chat };
}

/** Resolves when the server lets the socket in. */
export function entered(
  namespace: keyof Namespaces,
  socket: Pick<Socket, "once" | "off" | "disconnect">,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onConnect = () => {
      socket.off("connect_error", onRefusal);
      resolve();
    };
    const onRefusal = (error: Error) => {
      socket.off("connect", onConnect);
      socket.disconnect();
      const { message, data } = connectErrorData(namespace, error);
      reject(new Refused(data ? explained(data) : message));
    };
    socket.once("connect", onConnect);
    socket.once("connect_error", onRefusal);
  });
}

function explained(error: SignInError): string {
  switch (error.reason) {
    case "unknownToken":
      return "Nobody has this token.";
    case "administratorsOnly":
      return `This is for administrators; you are a ${error.role}.`;
    case "noSuchWorkspace":
      return `There is no workspace “${error.tenant}” for you.`;
  }
}
