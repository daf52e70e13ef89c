import { useEffect, useState } from "react";
import { to } from "../route";
import { about, useInbox } from "./InboxProvider";

const SHOWN_FOR = 8_000;

/** Shows new notifications on every page. */
export function Toasts() {
  const { latest } = useInbox();
  const [dismissed, setDismissed] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setDismissed(latest?.id), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [latest]);
  const isShown = latest !== undefined && latest.id !== dismissed;
  return (
    <div className="toasts" role="status">
      {isShown && (
        <div className="toast" data-testid="toast">
          <p>
            <a href={to("notifications")}>{about(latest)}</a>
          </p>
          <p>{latest.text}</p>
          <button
            type="button"
            className="link"
            onClick={() => setDismissed(latest.id)}
          >
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
