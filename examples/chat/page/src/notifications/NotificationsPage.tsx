import { useState } from "react";
import { to } from "../route";
import { Notifications } from "../sockets";
import { about, useInbox } from "./InboxProvider";

export function NotificationsPage() {
  const { notifications, unread } = useInbox();
  const [unreadOnly, setUnreadOnly] = useState(false);
  const markRead = Notifications.useEmitWithAck("markRead");
  const markAllRead = Notifications.useEmitWithAck("markAllRead");
  const shown = notifications.filter(({ read }) => !(unreadOnly && read));
  return (
    <section className="card" aria-labelledby="notifications-title">
      <div className="title">
        <h1 id="notifications-title">Notifications</h1>
        <label className="check">
          <input
            type="checkbox"
            checked={unreadOnly}
            onChange={(event) => setUnreadOnly(event.target.checked)}
          />
          Unread only
        </label>
        <button
          type="button"
          className="quiet"
          disabled={unread === 0 || markAllRead.isPending}
          onClick={() => void markAllRead.emit()}
        >
          Mark all as read
        </button>
      </div>
      {shown.length === 0 && (
        <p className="faint">
          {unreadOnly ? "You have read everything." : "No notifications."}
        </p>
      )}
      <ul className="inbox">
        {shown.map((notification) => {
          const { id, text, sentAt, read, cause } = notification;
          return (
            <li
              key={id}
              className={read ? "notification" : "notification unread"}
              data-testid="notification"
            >
              <div>
                <p>
                  {cause.kind === "mention" ? (
                    <a href={to("chat", cause.room)}>{about(notification)}</a>
                  ) : (
                    about(notification)
                  )}
                  {!read && <span className="hidden"> (unread)</span>}
                </p>
                <p>{text}</p>
                <p className="faint">{new Date(sentAt).toLocaleString()}</p>
              </div>
              {!read && (
                <button
                  type="button"
                  className="quiet"
                  onClick={() => void markRead.emit(id)}
                >
                  Mark as read
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
