import { createContext, useContext } from "react";
import type { Credentials } from "./events";

/** Error for an unknown key. */
export class UnknownKey extends Error {}

const STORED = "key";

/** A signed-in user, with a key and the short-lived tokens for it. */
export class Session {
  readonly #key: string;
  #token: Promise<string>;

  private constructor(key: string, token: Promise<string>) {
    this.#key = key;
    this.#token = token;
  }

  /** Signs in. The key is kept as long as the tab is open. */
  static async start(key: string): Promise<Session> {
    const token = tokenFor(key);
    await token;
    sessionStorage.setItem(STORED, key);
    return new Session(key, token);
  }

  /** Resumes the session of this tab, if there is one. */
  static async resume(): Promise<Session | undefined> {
    const key = sessionStorage.getItem(STORED);
    return key === null ? undefined : Session.start(key);
  }

  /** Credentials for a socket. */
  readonly auth = async (): Promise<Credentials> => ({
    token: await this.#token,
  });

  /** Requests another token, after the server has rejected this one as expired. */
  renew(): void {
    this.#token = tokenFor(this.#key);
  }

  end(): void {
    sessionStorage.removeItem(STORED);
    location.reload();
  }
}

async function tokenFor(key: string): Promise<string> {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key }),
  });
  if (response.status === 401) {
    throw new UnknownKey("Unknown key.");
  }
  if (!response.ok) {
    throw new Error(`The server answers with ${response.status}.`);
  }
  const { token }: { token: string } = await response.json();
  return token;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) {
    throw new Error("nobody is signed in");
  }
  return session;
}
