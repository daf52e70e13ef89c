import { byId, element, onSubmit, show } from "./dom";
import { connect, type Note, type WorkspaceSocket } from "./events";
import { entered, Refused, type Session } from "./session";

const board = byId("div", "workspace");
const notes = byId("ul", "notes");
const refused = byId("p", "workspace-refused");
const tenant = byId("select", "tenant");
const input = byId("input", "note");

/** The board of one tenant at a time. */
export function startWorkspace({ manager, token }: Session): void {
  let open: WorkspaceSocket | undefined;

  onSubmit(byId("form", "open-workspace"), async () => {
    show(refused, undefined);
    board.hidden = true;
    open?.off();
    open?.disconnect();
    open = undefined;

    const name = tenant.value;
    const socket = connect(manager, "/workspace/{tenant}", {
      auth: { token },
      parameters: { tenant: name },
    });
    try {
      await entered("/workspace/{tenant}", socket);
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      show(refused, error.message);
      return;
    }
    open = socket;
    socket.on("note:added", add);
    socket.on("connect", () => load(socket));
    await load(socket);
    byId("h3", "workspace-name").textContent = name;
    board.hidden = false;
  });

  onSubmit(byId("form", "add-note"), async () => {
    if (!open) {
      return;
    }
    const answer = await open.emitWithAck("note:add", input.value);
    switch (answer.status) {
      case "ok":
        add(answer.data);
        input.value = "";
        break;
      case "error":
        throw new Error("A note needs a text.");
      case "rejected":
        throw new Error(answer.reason.message);
    }
  });
}

async function load(socket: WorkspaceSocket): Promise<void> {
  notes.replaceChildren();
  for (const note of await socket.emitWithAck("note:list")) {
    add(note);
  }
}

function add({ author, text }: Note): void {
  notes.append(
    element("li", { "data-testid": "note" }, `${author.name}: ${text}`),
  );
}
