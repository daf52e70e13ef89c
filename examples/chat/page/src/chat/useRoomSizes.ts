import { useEffect, useState } from "react";
import type { RoomId } from "../events";
import { Chat } from "../sockets";

/** The rooms that there are, and how many people are in each. */
export function useRoomSizes(): ReadonlyMap<RoomId, number> {
  const { isConnected } = Chat.useSocket();
  const { emit } = Chat.useEmitWithAck("room:list");
  const [sizes, setSizes] = useState<ReadonlyMap<RoomId, number>>(new Map());
  useEffect(() => {
    if (isConnected) {
      void emit().then((result) => {
        if (result.status === "ok") {
          setSizes(new Map(result.data.map((it) => [it.room, it.members])));
        }
      });
    }
  }, [isConnected, emit]);
  Chat.useSocketEvent("room:update", ({ room, members }) =>
    setSizes((known) => new Map(known).set(room, members)),
  );
  return sizes;
}
