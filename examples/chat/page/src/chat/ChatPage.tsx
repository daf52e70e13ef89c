import { useEffect, useState } from "react";
import type { RoomId, User } from "../events";
import { to } from "../route";
import { Chat } from "../sockets";
import { RoomList } from "./RoomList";
import { Room } from "./Room";
import { useRoomSizes } from "./useRoomSizes";

const STORED = "rooms";

/** Several rooms at the same time: opened rooms stay joined, whichever one is shown. */
export function ChatPage({
  me,
  room: asked,
  isOpen,
}: {
  me: User;
  room: RoomId | undefined;
  isOpen: boolean;
}) {
  const { isConnected } = Chat.useSocket();
  const sizes = useRoomSizes();
  const [joined, setJoined] = useState<RoomId[]>(() =>
    JSON.parse(sessionStorage.getItem(STORED) ?? '["lobby"]'),
  );
  const [unread, setUnread] = useState<Record<RoomId, number>>({});
  const room = isOpen ? (asked ?? joined[0]) : undefined;

  useEffect(() => {
    sessionStorage.setItem(STORED, JSON.stringify(joined));
  }, [joined]);
  useEffect(() => {
    if (room !== undefined) {
      setJoined((rooms) => (rooms.includes(room) ? rooms : [...rooms, room]));
      setUnread((counts) => ({ ...counts, [room]: 0 }));
    }
  }, [room]);
  Chat.useSocketEvent("message", (message) => {
    if (message.room !== room) {
      setUnread((counts) => ({
        ...counts,
        [message.room]: (counts[message.room] ?? 0) + 1,
      }));
    }
  });
  const leave = (left: RoomId) => {
    const others = joined.filter((it) => it !== left);
    setJoined(others);
    location.hash =
      others[0] === undefined ? to("chat") : to("chat", others[0]);
  };

  return (
    <div className="chat-page" hidden={!isOpen}>
      <RoomList
        sizes={sizes}
        joined={joined}
        unread={unread}
        open={room}
        isConnected={isConnected}
      />
      {joined.map((name) => (
        <Room
          key={name}
          room={name}
          me={me}
          isOpen={name === room}
          onLeave={() => leave(name)}
        />
      ))}
      {room === undefined && (
        <p className="card faint">Choose a room to join it.</p>
      )}
    </div>
  );
}
