import type { Statistics, User, UserId } from "../events";
import { Admin } from "../sockets";
import { useAdministration } from "./AdminProvider";
import { Alerts } from "./Alerts";
import { Announce } from "./Announce";
import { Sparkline } from "./Sparkline";

export function AdminPage({ me }: { me: User }) {
  const { statistics, load } = useAdministration();
  const { status } = Admin.useSocket();
  if (me.role !== "administrator") {
    return (
      <p className="card" role="alert" data-testid="admin-refused">
        This page is for administrators; you are a {me.role}.
      </p>
    );
  }
  if (!statistics) {
    return (
      <p className="card faint" role="status">
        {status === "connected" ? "Loading…" : "Connecting…"}
      </p>
    );
  }
  const { online, rooms, servers, messages } = statistics;
  const connections = servers.reduce((sum, it) => sum + it.connections, 0);
  return (
    <div className="dashboard">
      <h1 className="hidden">Administration</h1>
      <Figure label="Online" value={online.length} id="online-count" />
      <Figure label="Messages" value={messages} id="messages" />
      <Figure
        label="Rooms in use"
        value={rooms.filter(({ members }) => members > 0).length}
        id="rooms-in-use"
      />
      <section className="card figure">
        <h2>Connections</h2>
        <p className="number" data-testid="connections">
          {connections}
        </p>
        <Sparkline values={load} label="Connections, last minute" />
      </section>
      <Servers servers={servers} />
      <People statistics={statistics} />
      <Announce />
      <Alerts />
    </div>
  );
}

function Figure({
  label,
  value,
  id,
}: {
  label: string;
  value: number;
  id: string;
}) {
  return (
    <section className="card figure">
      <h2>{label}</h2>
      <p className="number" data-testid={id}>
        {value}
      </p>
    </section>
  );
}

function Servers({ servers }: Pick<Statistics, "servers">) {
  return (
    <section className="card servers">
      <h2>Servers</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Connections</th>
            <th scope="col">Uptime</th>
          </tr>
        </thead>
        <tbody>
          {servers.map(({ name, connections, uptimeSeconds }) => (
            <tr key={name} data-testid="server">
              <th scope="row">{name}</th>
              <td>{connections}</td>
              <td>{duration(uptimeSeconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function People({ statistics }: { statistics: Statistics }) {
  const { online, banned } = statistics;
  const ban = Admin.useEmitWithAck("ban");
  const unban = Admin.useEmitWithAck("unban");
  const gone = banned.filter(({ id }) => online.every((it) => it.id !== id));
  const isBanned = (id: UserId) => banned.some((it) => it.id === id);
  return (
    <section className="card people" aria-labelledby="people-title">
      <h2 id="people-title">People</h2>
      <ul data-testid="people">
        {[...online, ...gone].map((person) => (
          <li key={person.id}>
            <span>
              {person.name}{" "}
              <span className="role">
                {isBanned(person.id) ? "banned" : person.role}
              </span>
            </span>
            {isBanned(person.id) ? (
              <button
                type="button"
                className="quiet"
                onClick={() => void unban.emit(person.id)}
              >
                Unban {person.name}
              </button>
            ) : (
              person.role === "member" && (
                <button
                  type="button"
                  className="quiet danger"
                  onClick={() => void ban.emit(person.id)}
                >
                  Ban {person.name}
                </button>
              )
            )}
          </li>
        ))}
      </ul>
      {(ban.error ?? unban.error) && (
        <p className="problem" role="alert">
          That was not possible.
        </p>
      )}
    </section>
  );
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) {
    return `${seconds} s`;
  }
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
