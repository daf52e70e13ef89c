import { byId, element, fill, onClick, onSubmit } from "./dom";
import type {
  ChatMessage,
  ChatSocket,
  JoinError,
  PostError,
  RoomId,
  User,
  UserId,
} from "./events";

type Entry = { message: ChatMessage } | { notice: string };

/** A room that we are in. */
interface Joined {
  members: Map<UserId, User>;
  entries: Entry[];
  typing: Map<UserId, { name: string; expiry: number }>;
  unread: number;
}

/** Somebody who stops writing without a word is taken to have stopped after this time. */
const TYPING_MILLISECONDS = 5_000;

const list = byId("ul", "rooms");
const title = byId("h2", "room-title");
const leaveButton = byId("button", "leave-room");
const log = byId("ol", "log");
const typingLine = byId("p", "typing");
const memberList = byId("ul", "members");
const form = byId("form", "post");
const input = byId("input", "text");

/** Rooms, who is in them, and what they say. */
export async function startChat(socket: ChatSocket, me: User): Promise<void> {
  const counts = new Map<RoomId, number>();
  const joined = new Map<RoomId, Joined>();
  let open: RoomId | undefined;

  const refresh = async () => {
    for (const { room, members } of await socket.emitWithAck("room:list")) {
      counts.set(room, members);
    }
    showRooms();
  };

  const join = async (room: RoomId) => {
    const answer = await socket.emitWithAck("room:join", room);
    switch (answer.status) {
      case "ok":
        joined.set(room, {
          members: new Map(
            answer.data.members.map((member) => [member.id, member]),
          ),
          entries: answer.data.history.map((message) => ({ message })),
          typing: new Map(),
          unread: 0,
        });
        break;
      case "error":
        throw new Error(joinProblem(answer.error));
      case "rejected":
        throw new Error(answer.reason.message);
    }
  };

  const enter = async (room: RoomId) => {
    stopTyping();
    if (!joined.has(room)) {
      await join(room);
    }
    open = room;
    const current = joined.get(room);
    if (current) {
      current.unread = 0;
    }
    showAll();
    input.focus();
  };

  const leave = async (room: RoomId) => {
    stopTyping();
    await socket.emitWithAck("room:leave", room);
    joined.delete(room);
    if (open === room) {
      open = undefined;
    }
    showAll();
  };

  const post = async (room: RoomId, text: string) => {
    stopTyping();
    const answer = await socket.emitWithAck("post", room, text);
    switch (answer.status) {
      case "ok":
        add(room, { message: answer.data });
        break;
      case "error":
        throw new Error(postProblem(answer.error));
      case "rejected":
        throw new Error(answer.reason.message);
    }
  };

  let typingIn: { room: RoomId; timer: number } | undefined;
  const startTyping = () => {
    if (open === undefined) {
      return;
    }
    if (typingIn === undefined) {
      socket.emit("typing", open, true);
    }
    clearTimeout(typingIn?.timer);
    typingIn = {
      room: open,
      timer: window.setTimeout(stopTyping, TYPING_MILLISECONDS / 2),
    };
  };
  const stopTyping = () => {
    if (typingIn !== undefined) {
      clearTimeout(typingIn.timer);
      socket.emit("typing", typingIn.room, false);
      typingIn = undefined;
    }
  };

  const add = (room: RoomId, entry: Entry) => {
    const current = joined.get(room);
    if (!current) {
      return;
    }
    current.entries.push(entry);
    if (room === open) {
      log.append(entryItem(entry, me));
      log.scrollTop = log.scrollHeight;
    } else if ("message" in entry) {
      current.unread += 1;
      showRooms();
    }
  };

  const setTyping = (room: RoomId, member: User, isTyping: boolean) => {
    const typing = joined.get(room)?.typing;
    clearTimeout(typing?.get(member.id)?.expiry);
    typing?.delete(member.id);
    if (isTyping) {
      const expiry = window.setTimeout(
        () => setTyping(room, member, false),
        TYPING_MILLISECONDS,
      );
      typing?.set(member.id, { name: member.name, expiry });
    }
    if (room === open) {
      showTyping();
    }
  };

  const showRooms = () => {
    const rooms = [...counts].sort(([a], [b]) => a.localeCompare(b));
    fill(
      list,
      rooms.map(([room, count]) => {
        const unread = joined.get(room)?.unread ?? 0;
        const button = element("button", {
          type: "button",
          "data-key": room,
          "data-testid": `room-${room}`,
          "aria-current": String(room === open),
          "aria-label": `${room}, ${count} members${unread > 0 ? `, ${unread} unread` : ""}`,
        });
        button.append(element("span", {}, `# ${room}`));
        if (unread > 0) {
          button.append(element("span", { class: "badge" }, String(unread)));
        }
        button.append(element("span", { class: "count" }, String(count)));
        onClick(button, () => enter(room));
        return element("li", {}, button);
      }),
    );
  };

  const showTyping = () => {
    const names = [...(current()?.typing.values() ?? [])].map(
      ({ name }) => name,
    );
    typingLine.textContent =
      names.length === 0
        ? ""
        : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing…`;
  };

  const showMembers = () => {
    const members = [...(current()?.members.values() ?? [])].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    fill(
      memberList,
      members.map((member) =>
        element(
          "li",
          {},
          member.name,
          " ",
          element(
            "span",
            { class: "role" },
            member.id === me.id ? "you" : member.role,
          ),
        ),
      ),
    );
  };

  const showAll = () => {
    const isOpen = open !== undefined;
    title.textContent = isOpen ? `# ${open}` : "No room";
    leaveButton.hidden = !isOpen;
    for (const control of form.querySelectorAll<
      HTMLInputElement | HTMLButtonElement
    >("input, button")) {
      control.disabled = !isOpen;
    }
    log.replaceChildren(
      ...(current()?.entries ?? []).map((entry) => entryItem(entry, me)),
    );
    log.scrollTop = log.scrollHeight;
    showRooms();
    showTyping();
    showMembers();
  };

  const current = () => (open === undefined ? undefined : joined.get(open));

  socket.on("message", (message) => {
    setTyping(message.room, message.author, false);
    add(message.room, { message });
  });
  socket.on("room:entered", (room, member) => {
    joined.get(room)?.members.set(member.id, member);
    add(room, { notice: `${member.name} joined` });
    showMembers();
  });
  socket.on("room:left", (room, member) => {
    joined.get(room)?.members.delete(member.id);
    setTyping(room, member, false);
    add(room, { notice: `${member.name} left` });
    showMembers();
  });
  socket.on("room:update", ({ room, members }) => {
    counts.set(room, members);
    showRooms();
  });
  socket.on("typing", setTyping);
  // After a lost connection the server has forgotten us.
  socket.on("connect", async () => {
    await Promise.all([...joined.keys()].map(join));
    await refresh();
    showAll();
  });

  onSubmit(form, async () => {
    if (open !== undefined && input.value.trim() !== "") {
      await post(open, input.value);
      input.value = "";
    }
  });
  input.addEventListener("input", startTyping);
  onClick(leaveButton, async () => {
    if (open !== undefined) {
      await leave(open);
    }
  });
  const roomName = byId("input", "room-name");
  onSubmit(byId("form", "join-room"), async () => {
    await enter(roomName.value.trim());
    roomName.value = "";
  });
  await refresh();
}

function entryItem(entry: Entry, me: User): HTMLLIElement {
  if ("notice" in entry) {
    return element(
      "li",
      { class: "notice", "data-testid": "notice" },
      entry.notice,
    );
  }
  const { author, sentAt, text } = entry.message;
  const sent = new Date(sentAt);
  const time = element(
    "time",
    { datetime: sent.toISOString() },
    sent.toLocaleTimeString([], { timeStyle: "short" }),
  );
  const meta = element(
    "div",
    { class: "meta" },
    element("span", {}, author.name),
    time,
  );
  const own = author.id === me.id ? " own" : "";
  return element(
    "li",
    { class: `message${own}`, "data-testid": "message" },
    meta,
    element("p", {}, text),
  );
}

function joinProblem(error: JoinError): string {
  switch (error.reason) {
    case "invalidName":
      return `A room’s name has lower-case letters, digits and hyphens, ${error.longest} at most.`;
    case "tooManyRooms":
      return `There are ${error.most} rooms already.`;
  }
}

function postProblem(error: PostError): string {
  switch (error.reason) {
    case "notInRoom":
      return "You are not in this room.";
    case "empty":
      return "There is nothing to send.";
    case "tooLong":
      return `A message has ${error.longest} characters at most.`;
  }
}
