import { useState, type SubmitEvent } from "react";
import type { RoomId } from "../events";
import { to } from "../route";

export function RoomList(props: {
  sizes: ReadonlyMap<RoomId, number>;
  joined: readonly RoomId[];
  unread: Record<RoomId, number>;
  open: RoomId | undefined;
  isConnected: boolean;
}) {
  const { sizes, joined, unread, open } = props;
  const others = [...sizes.keys()].filter((room) => !joined.includes(room));
  const [name, setName] = useState("");

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    location.hash = to("chat", name.trim());
    setName("");
  };
  const link = (room: RoomId) => {
    const count = unread[room] ?? 0;
    return (
      <li key={room}>
        <a
          href={to("chat", room)}
          aria-current={room === open ? "true" : undefined}
          data-testid={`room-${room}`}
        >
          <span className="name"># {room}</span>
          {count > 0 && (
            <span className="badge">
              {count} <span className="hidden">unread</span>
            </span>
          )}
          <span className="faint">
            {sizes.get(room) ?? 0} <span className="hidden">members</span>
          </span>
        </a>
      </li>
    );
  };

  return (
    <nav className="card rooms" aria-label="Rooms">
      <h2>Your rooms</h2>
      <ul data-testid="joined-rooms">{joined.map(link)}</ul>
      <h2>Others</h2>
      <ul>{others.sort().map(link)}</ul>
      <form className="row" onSubmit={submit}>
        <label className="hidden" htmlFor="room-name">
          Another room
        </label>
        <input
          id="room-name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          placeholder="New room"
          autoComplete="off"
        />
        <button type="submit">Join</button>
      </form>
    </nav>
  );
}
