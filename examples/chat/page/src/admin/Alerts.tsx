import type { Happening } from "../events";
import { useAdministration } from "./AdminProvider";

/** Alerts since the page was opened. */
export function Alerts() {
  const { alerts } = useAdministration();
  return (
    <section className="card alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title">Alerts</h2>
      {alerts.length === 0 && <p className="faint">No alerts.</p>}
      <ol aria-live="polite">
        {alerts.map(({ at, what }, index) => (
          <li key={alerts.length - index} data-testid="alert">
            <time className="faint" dateTime={new Date(at).toISOString()}>
              {new Date(at).toLocaleTimeString()}
            </time>{" "}
            {said(what)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function said(what: Happening): string {
  switch (what.kind) {
    case "announced":
      return `${what.by.name} told everybody: ${what.text}`;
    case "banned":
      return `${what.by.name} banned ${what.person.name}`;
    case "unbanned":
      return `${what.by.name} lets ${what.person.name} in again`;
    case "turnedAway":
      return `${what.person.name}, who is banned, tried to come in`;
    case "serverLost":
      return `A server is gone; remaining: ${what.remaining}`;
  }
}
