import { createContext, useContext, useState, type ReactNode } from "react";
import type { Notification } from "../events";
import { Notifications } from "../sockets";
import { useAtConnect } from "../useAtConnect";

interface Inbox {
  /** Notifications, newest first. */
  notifications: readonly Notification[];
  unread: number;
  /** The newest notification, if it arrived while the page was open. */
  latest: Notification | undefined;
}

const InboxContext = createContext<Inbox>({
  notifications: [],
  unread: 0,
  latest: undefined,
});

export const useInbox = () => useContext(InboxContext);

/** Provides a person's notifications, which are the same on every device. */
export function InboxProvider({ children }: { children: ReactNode }) {
  const { emit } = Notifications.useEmitWithAck("list");
  const [notifications, setNotifications] = useState<readonly Notification[]>(
    [],
  );
  const [latest, setLatest] = useState<Notification>();

  useAtConnect(Notifications.useSocket(), emit, setNotifications);
  Notifications.useSocketEvent("notification", (notification) => {
    setLatest(notification);
    setNotifications((known) => [
      notification,
      ...known.filter(({ id }) => id !== notification.id),
    ]);
  });
  Notifications.useSocketEvent("read", (ids) =>
    setNotifications((known) =>
      known.map((it) => (ids.includes(it.id) ? { ...it, read: true } : it)),
    ),
  );
  const unread = notifications.filter(({ read }) => !read).length;
  return (
    <InboxContext value={{ notifications, unread, latest }}>
      {children}
    </InboxContext>
  );
}

/** Describes the cause of a notification. */
export function about({ cause }: Notification): string {
  switch (cause.kind) {
    case "mention":
      return `${cause.by.name} mentioned you in # ${cause.room}`;
    case "announcement":
      return `${cause.by.name} tells everybody`;
  }
}
