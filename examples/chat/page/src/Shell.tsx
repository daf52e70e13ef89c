import { useAdministration } from "./admin/AdminProvider";
import { AdminPage } from "./admin/AdminPage";
import { ChatPage } from "./chat/ChatPage";
import type { User } from "./events";
import { useInbox } from "./notifications/InboxProvider";
import { NotificationsPage } from "./notifications/NotificationsPage";
import { Toasts } from "./notifications/Toasts";
import { to, useRoute } from "./route";
import type { Session } from "./session";
import { Chat } from "./sockets";
import { WorkspacePage } from "./workspace/WorkspacePage";

/** Frame of every page: navigation, connection status and the signed-in user. */
export function Shell({ me, session }: { me: User; session: Session }) {
  const [place = "", ...rest] = useRoute();
  const page = place === "" ? "chat" : place;
  const { unread } = useInbox();
  const { unseen } = useAdministration();
  return (
    <div className="shell">
      <a className="skip" href="#content" onClick={focusContent}>
        Skip to the page
      </a>
      <header>
        <strong className="brand">Chat</strong>
        <Status />
        <nav aria-label="Pages">
          <Link page={page} to="chat" label="Rooms" />
          <Link
            page={page}
            to="notifications"
            label="Notifications"
            count={unread}
            what="unread"
          />
          <Link page={page} to="workspace" label="Workspaces" />
          {me.role === "administrator" && (
            <Link
              page={page}
              to="admin"
              label="Admin"
              count={page === "admin" ? 0 : unseen}
              what="new alerts"
            />
          )}
        </nav>
        <span className="who" data-testid="who">
          {me.name} <span className="role">{me.role}</span>
        </span>
        <button type="button" className="quiet" onClick={() => session.end()}>
          Sign out
        </button>
      </header>
      <main id="content" tabIndex={-1} className={`page ${page}`}>
        {/* Rooms stay joined and receive messages on every page. */}
        <ChatPage me={me} room={rest[0]} isOpen={page === "chat"} />
        {page === "notifications" && <NotificationsPage />}
        {page === "workspace" && (
          <WorkspacePage me={me} tenant={rest[0]} board={rest[1]} />
        )}
        {page === "admin" && <AdminPage me={me} />}
      </main>
      <Toasts />
    </div>
  );
}

function focusContent(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

const STATUS = {
  connected: "Connected",
  connecting: "Connecting…",
  disconnected: "Disconnected",
} as const;

function Status() {
  const { status } = Chat.useSocket();
  return (
    <p
      role="status"
      className="status"
      data-state={status}
      data-testid="status"
    >
      {STATUS[status]}
    </p>
  );
}

function Link(props: {
  page: string;
  to: string;
  label: string;
  count?: number;
  what?: string;
}) {
  const { page, label, count = 0, what } = props;
  return (
    <a
      href={to(props.to)}
      aria-current={page === props.to ? "page" : undefined}
    >
      {label}
      {count > 0 && (
        <span className="badge" data-testid={`${props.to}-count`}>
          {count} <span className="hidden">{what}</span>
        </span>
      )}
    </a>
  );
}
