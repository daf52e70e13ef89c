import { useEffect, useState } from "react";
import { AdminProvider } from "./admin/AdminProvider";
import { InboxProvider } from "./notifications/InboxProvider";
import { Session, SessionContext, UnknownKey } from "./session";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { Chat, Notifications } from "./sockets";
import { StaySignedIn } from "./StaySignedIn";
import { useAtConnect } from "./useAtConnect";
import type { User } from "./events";

export function App() {
  const [session, setSession] = useState<Session>();
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    // If the key is no longer valid, the user has to sign in again.
    Session.resume()
      .then(setSession, (error) => {
        if (!(error instanceof UnknownKey)) throw error;
      })
      .finally(() => setReady(true));
  }, []);
  if (!isReady) {
    return null;
  }
  if (!session) {
    return <SignIn onSignedIn={setSession} />;
  }
  return (
    <SessionContext value={session}>
      <Chat.Provider auth={session.auth}>
        <StaySignedIn hooks={Chat} />
        <Notifications.Provider auth={session.auth}>
          <StaySignedIn hooks={Notifications} />
          <InboxProvider>
            <SignedIn session={session} />
          </InboxProvider>
        </Notifications.Provider>
      </Chat.Provider>
    </SessionContext>
  );
}

/** Requests the token's user from the server, the only source that the page trusts. */
function SignedIn({ session }: { session: Session }) {
  const socket = Chat.useSocket();
  const { connectError } = socket;
  const { emit } = Chat.useEmitWithAck("me");
  const [me, setMe] = useState<User>();
  useAtConnect(socket, emit, setMe);
  if (connectError?.data?.reason === "banned") {
    return (
      <main className="welcome">
        <section className="card narrow" role="alert" data-testid="banned">
          <h1>You are banned</h1>
          <p>An administrator has ended your session, on every server.</p>
          <button type="button" onClick={() => session.end()}>
            Sign in as somebody else
          </button>
        </section>
      </main>
    );
  }
  if (!me) {
    return (
      <main className="welcome">
        <p role="status" className="faint">
          {connectError ? connectError.message : "Signing in…"}
        </p>
      </main>
    );
  }
  return (
    <AdminProvider session={session} enabled={me.role === "administrator"}>
      <Shell me={me} session={session} />
    </AdminProvider>
  );
}
