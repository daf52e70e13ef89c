import { useEffect, useState } from "react";
import type { ChatMessage, Draft, RoomId, RoomJoined, User } from "../events";
import { Chat } from "../sockets";
import { postProblem } from "./problems";

/** A message in a room, or a notice that somebody has joined or left. */
export type Entry =
  { id: string; message: ChatMessage } | { id: string; notice: string };

/** A message that the server has not confirmed yet. */
export interface Outgoing {
  draft: Draft & { image: Uint8Array<ArrayBuffer> | null };
  state: "waiting" | "sending" | "failed";
  problem?: string;
}

export interface Conversation {
  entries: readonly Entry[];
  outgoing: readonly Outgoing[];
  post: (text: string, image: Uint8Array<ArrayBuffer> | null) => void;
  retry: (id: string) => void;
  discard: (id: string) => void;
}

/** Time for the server to confirm a message before the client sends it again, in milliseconds. */
const POST_TIMEOUT = 5_000;

/**
 * A room's conversation, which shows the user's own messages immediately.
 *
 * They are sent in order, one after the other, once the room is joined. If the answer to a message is lost, the message
 * is sent again. The server does not post it twice, because its id is the same.
 */
export function useConversation(
  room: RoomId,
  me: User,
  isJoined: boolean,
  joined: RoomJoined | undefined,
): Conversation {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [outgoing, setOutgoing] = useState<readonly Outgoing[]>([]);
  const { emit } = Chat.useEmitWithAck("post", { timeout: POST_TIMEOUT });

  const confirm = (message: ChatMessage) => {
    setEntries((known) => withMessage(known, message));
    setOutgoing((waiting) =>
      waiting.filter((it) => it.draft.id !== message.id),
    );
  };
  const notice = (about: RoomId, text: string) => {
    if (about === room) {
      const id = crypto.randomUUID();
      setEntries((known) => [...known, { id, notice: text }]);
    }
  };
  useEffect(() => {
    if (joined) {
      setEntries((known) => withHistory(known, joined.history));
      const ids = new Set(joined.history.map(({ id }) => id));
      setOutgoing((waiting) => waiting.filter((it) => !ids.has(it.draft.id)));
    }
  }, [joined]);
  Chat.useSocketEvent("message", (message) => {
    if (message.room === room) {
      confirm(message);
    }
  });
  Chat.useSocketEvent("room:entered", (about, { id, name }) => {
    if (id !== me.id) {
      notice(about, `${name} joined`);
    }
  });
  Chat.useSocketEvent("room:left", (about, { name }) =>
    notice(about, `${name} left`),
  );

  const change = (id: string, changes: Omit<Outgoing, "draft">) =>
    setOutgoing((waiting) =>
      waiting.map((it) =>
        it.draft.id === id ? { draft: it.draft, ...changes } : it,
      ),
    );
  const isSending = outgoing.some(({ state }) => state === "sending");
  const next = outgoing.find(({ state }) => state === "waiting")?.draft;
  useEffect(() => {
    if (!isJoined || isSending || !next) {
      return;
    }
    change(next.id, { state: "sending" });
    void emit(room, next).then((result) => {
      if (result.status === "ok") {
        confirm(result.data);
        return;
      }
      const problem = postProblem(result);
      change(
        next.id,
        problem === undefined
          ? { state: "waiting" }
          : { state: "failed", problem },
      );
    });
  });

  return {
    entries,
    outgoing,
    post: (text, image) => {
      const draft = { id: crypto.randomUUID(), text, image };
      setOutgoing((waiting) => [...waiting, { draft, state: "waiting" }]);
    },
    retry: (id) => change(id, { state: "waiting" }),
    discard: (id) =>
      setOutgoing((waiting) => waiting.filter((it) => it.draft.id !== id)),
  };
}

function withMessage(
  known: readonly Entry[],
  message: ChatMessage,
): readonly Entry[] {
  const { id } = message;
  return known.some((it) => it.id === id) ? known : [...known, { id, message }];
}

/** Merges the server's history with the messages that arrived after it was created. */
function withHistory(
  known: readonly Entry[],
  history: readonly ChatMessage[],
): readonly Entry[] {
  const ids = new Set(history.map(({ id }) => id));
  const latest = history.at(-1)?.sentAt ?? 0;
  const since = known.filter(
    (it) => "message" in it && !ids.has(it.id) && it.message.sentAt >= latest,
  );
  return [...history.map((message) => ({ id: message.id, message })), ...since];
}
