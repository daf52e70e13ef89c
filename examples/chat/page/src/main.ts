import { startAdmin } from "./admin";
import { startChat } from "./chat";
import { byId, onClick, onSubmit, show } from "./dom";
import { startNotifications } from "./notifications";
import { Refused, signIn, type Session } from "./session";
import { startWorkspace } from "./workspace";

const refused = byId("p", "refused");
const token = byId("input", "token");

onSubmit(byId("form", "sign-in"), async () => {
  show(refused, undefined);
  try {
    await start(await signIn(token.value.trim()));
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    show(refused, error.message);
  }
});

async function start(session: Session): Promise<void> {
  const me = await session.chat.emitWithAck("me");
  byId("p", "who").textContent = `${me.name} (${me.role})`;
  byId("main", "welcome").hidden = true;
  byId("main", "app").hidden = false;
  startStatus(session);
  startNotifications(session);
  startWorkspace(session);
  startAdmin(session);
  await startChat(session.chat, me);
}

/** Shows whether the server is connected, and lets the user sign out. */
function startStatus({ chat }: Session): void {
  const status = byId("p", "status");
  const set = (state: "online" | "waiting" | "offline", text: string) => {
    status.dataset["state"] = state;
    status.textContent = text;
  };
  set("online", "Connected");
  chat.on("connect", () => set("online", "Connected"));
  chat.on("disconnect", () =>
    chat.active
      ? set("waiting", "Connecting again…")
      : set("offline", "Disconnected"),
  );

  const signOut = byId("button", "sign-out");
  signOut.hidden = false;
  onClick(signOut, async () => location.reload());
}
