import { useEffect, useRef, useState } from "react";
import type { RoomId, UserId } from "../events";
import { Chat } from "../sockets";

/** Time in milliseconds after which somebody who sends no update counts as having stopped typing. */
const PATIENCE = 5_000;

/** Tracks who is typing in a room, and reports the user's own typing to the others. */
export function useTypists(room: RoomId): {
  typists: string[];
  setTyping: (isTyping: boolean) => void;
} {
  const { socket } = Chat.useSocket();
  const [names, setNames] = useState<ReadonlyMap<UserId, string>>(new Map());
  const timers = useRef(new Map<UserId, number>());
  const told = useRef(false);
  const idle = useRef<number>(undefined);

  const set = (id: UserId, name: string | undefined) => {
    clearTimeout(timers.current.get(id));
    setNames((known) => {
      const names = new Map(known);
      if (name === undefined) {
        names.delete(id);
      } else {
        names.set(id, name);
      }
      return names;
    });
    if (name !== undefined) {
      timers.current.set(id, setTimeout(set, PATIENCE, id, undefined));
    }
  };
  Chat.useSocketEvent("typing", (about, { id, name }, isTyping) => {
    if (about === room) {
      set(id, isTyping ? name : undefined);
    }
  });
  Chat.useSocketEvent("message", (message) => {
    if (message.room === room) {
      set(message.author.id, undefined);
    }
  });
  Chat.useSocketEvent("room:left", (about, { id }) => {
    if (about === room) {
      set(id, undefined);
    }
  });
  useEffect(
    () => () => {
      timers.current.forEach((timer) => clearTimeout(timer));
      clearTimeout(idle.current);
    },
    [],
  );

  const setTyping = (isTyping: boolean) => {
    clearTimeout(idle.current);
    if (isTyping) {
      idle.current = setTimeout(setTyping, PATIENCE / 2, false);
    }
    if (told.current !== isTyping) {
      told.current = isTyping;
      socket?.volatile.emit("typing", room, isTyping);
    }
  };
  return { typists: [...names.values()], setTyping };
}
