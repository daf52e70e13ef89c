import { byId, element, fill, onClick } from "./dom";
import { connect, type Cause, type Notification } from "./events";
import type { Session } from "./session";

const list = byId("ul", "notifications");
const badge = byId("span", "unread");
const markAll = byId("button", "mark-all-read");

/** What the user should know. */
export function startNotifications({ manager, token }: Session): void {
  const socket = connect(manager, "/notifications", { auth: { token } });
  let notifications: Notification[] = [];

  const markRead = async (id: string) => {
    const answer = await socket.emitWithAck("markRead", id);
    switch (answer.status) {
      case "ok":
        break;
      case "error":
        throw new Error(`There is no notification ${answer.error.id}.`);
      case "rejected":
        throw new Error(answer.reason.message);
    }
  };

  const render = () => {
    const unread = notifications.filter(({ read }) => !read).length;
    badge.textContent = String(unread);
    badge.hidden = unread === 0;
    markAll.disabled = unread === 0;
    fill(
      list,
      notifications.map((notification) => item(notification, markRead)),
    );
  };

  socket.on("connect", async () => {
    notifications = await socket.emitWithAck("list");
    render();
  });
  socket.on("notification", (notification) => {
    notifications.unshift(notification);
    render();
  });
  socket.on("read", (ids) => {
    notifications = notifications.map((notification) =>
      ids.includes(notification.id)
        ? { ...notification, read: true }
        : notification,
    );
    render();
  });
  onClick(markAll, async () => {
    await socket.emitWithAck("markAllRead");
  });
}

function item(
  { id, cause, text, read }: Notification,
  markRead: (id: string) => Promise<void>,
): HTMLLIElement {
  const made = element("li", {
    class: read ? "notification" : "notification unread",
    "data-testid": "notification",
  });
  made.append(element("span", { class: "about" }, about(cause)));
  if (!read) {
    const button = element(
      "button",
      { type: "button", class: "quiet", "data-key": id },
      "Mark as read",
    );
    onClick(button, () => markRead(id));
    made.append(button);
  }
  made.append(element("span", { class: "text" }, text));
  return made;
}

function about(cause: Cause): string {
  switch (cause.kind) {
    case "mention":
      return `${cause.by.name} mentioned you in # ${cause.room}`;
    case "alert":
      return `${cause.by.name} alerts everybody`;
  }
}
