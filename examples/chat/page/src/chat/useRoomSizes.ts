import { useState } from "react";
import type { RoomId } from "../events";
import { Chat } from "../sockets";
import { useAtConnect } from "../useAtConnect";

/** Returns all rooms, and the number of people in each. */
export function useRoomSizes(): ReadonlyMap<RoomId, number> {
  const { emit } = Chat.useEmitWithAck("room:list");
  const [sizes, setSizes] = useState<ReadonlyMap<RoomId, number>>(new Map());
  useAtConnect(Chat.useSocket(), emit, (rooms) =>
    setSizes(new Map(rooms.map(({ room, members }) => [room, members]))),
  );
  Chat.useSocketEvent("room:update", ({ room, members }) =>
    setSizes((known) => new Map(known).set(room, members)),
  );
  return sizes;
}
