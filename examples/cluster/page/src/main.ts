// One client for each server, side by side.
import { Manager } from "socket.io-client";
import { connect, type AppSocket } from "./events";

const names = ["Ada", "Grace", "Edsger", "Barbara", "Alan"];
const sockets: AppSocket[] = [];

function element<K extends keyof HTMLElementTagNameMap>(tag: K, parent: Element, text = ""): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  created.textContent = text;
  parent.append(created);
  return created;
}

function pane(port: number, index: number): void {
  const name = names[index % names.length] ?? `User ${index}`;
  const section = element("section", document.querySelector("main")!);
  element("h2", section, `${name} on port ${port}`);
  const state = element("p", section, "connecting …");
  const people = element("p", section);
  const messages = element("ol", section);
  const form = element("form", section);
  const input = element("input", form);
  input.placeholder = "Say something";
  element("button", form, "Send");

  // For all but one server, the page has another origin, which the servers allow.
  const manager = new Manager(`${location.protocol}//${location.hostname}:${port}`);
  const socket = connect(manager, "/", { auth: { name } });
  sockets.push(socket);
  socket.on("connect", () => (state.textContent = "connected"));
  socket.on("disconnect", (reason) => (state.textContent = `disconnected: ${reason}`));
  socket.on("connect_error", (error) => (state.textContent = `refused: ${error.message}`));
  socket.on("banned", (reason) => element("li", messages, reason));
  socket.on("message", ({ author, text, via }) => element("li", messages, `${author} (${via}): ${text}`));
  socket.on("present", (users) => {
    people.replaceChildren("There: ");
    for (const user of users) {
      const button = element("button", people, `ban ${user.name} (${user.via})`);
      button.onclick = async () => {
        const answer = await socket.emitWithAck("ban", user.name);
        if (answer.status !== "ok") alert(answer.status === "error" ? answer.error : answer.reason.message);
      };
    }
  });
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.emit("say", input.value);
    input.value = "";
  };
}

const ports: number[] = await (await fetch("/peers")).json();
ports.forEach(pane);

document.querySelector<HTMLButtonElement>("#loads")!.onclick = async () => {
  const socket = sockets.find(({ connected }) => connected);
  const answer = await socket?.emitWithAck("loads");
  const text = answer?.status === "ok" ? answer.data.map(({ server, clients }) => `${server}: ${clients}`).join(", ") : "no answer";
  document.querySelector("#answer")!.textContent = text;
};
