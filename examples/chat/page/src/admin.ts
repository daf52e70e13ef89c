import { byId, onClick, onSubmit, show } from "./dom";
import { connect, type AdminSocket, type Statistics } from "./events";
import { entered, Refused, type Session } from "./session";

const panel = byId("div", "admin");
const openButton = byId("button", "open-admin");
const refused = byId("p", "admin-refused");

/** The panel that the server opens for administrators only. */
export function startAdmin({ manager, token }: Session): void {
  onClick(openButton, async () => {
    show(refused, undefined);
    const socket = connect(manager, "/admin", { auth: { token } });
    try {
      await entered("/admin", socket);
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      show(refused, error.message);
      return;
    }
    openButton.hidden = true;
    panel.hidden = false;
    await startPanel(socket);
  });
}

async function startPanel(socket: AdminSocket): Promise<void> {
  socket.on("statistics", render);

  const text = byId("input", "alert-text");
  onSubmit(byId("form", "send-alert"), async () => {
    const answer = await socket.emitWithAck("alert", text.value);
    switch (answer.status) {
      case "ok":
        byId("p", "alerted").textContent =
          `${answer.data} people were alerted.`;
        text.value = "";
        break;
      case "error":
        throw new Error("An alert needs a text.");
      case "rejected":
        throw new Error(answer.reason.message);
    }
  });
  render(await socket.emitWithAck("statistics"));
}

function render({
  online,
  rooms,
  messagesPosted,
  uptimeSeconds,
}: Statistics): void {
  const inUse = rooms.filter(({ members }) => members > 0);
  byId("dd", "online").textContent =
    online.map(({ name }) => name).join(", ") || "nobody";
  byId("dd", "messages-posted").textContent = String(messagesPosted);
  byId("dd", "rooms-in-use").textContent =
    inUse.map(({ room, members }) => `${room} (${members})`).join(", ") ||
    "none";
  byId("dd", "uptime").textContent =
    `${Math.floor(uptimeSeconds / 60)} min ${uptimeSeconds % 60} s`;
}
