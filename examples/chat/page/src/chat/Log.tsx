import { useEffect, useRef } from "react";
import type { ChatMessage, User } from "../events";
import { Picture, ownPicture } from "./Picture";
import { Avatar } from "./Room";
import type { Conversation, Outgoing } from "./useConversation";

/** Messages and notices of a room, and messages that are being sent. */
export function Log({
  conversation,
  me,
}: {
  conversation: Conversation;
  me: User;
}) {
  const { entries, outgoing, retry, discard } = conversation;
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The log starts at the bottom, and stays there automatically unless the user has scrolled.
    log.current?.scrollTo({ top: 0 });
  }, [outgoing.length]);
  return (
    <div
      ref={log}
      className="log"
      role="log"
      aria-label="Messages"
      tabIndex={0}
    >
      <ol>
        {entries.map((entry) =>
          "notice" in entry ? (
            <li key={entry.id} className="notice" data-testid="notice">
              {entry.notice}
            </li>
          ) : (
            <Message key={entry.id} message={entry.message} me={me} />
          ),
        )}
        {outgoing.map((it) => (
          <Pending
            key={it.draft.id}
            outgoing={it}
            onRetry={() => retry(it.draft.id)}
            onDiscard={() => discard(it.draft.id)}
          />
        ))}
      </ol>
    </div>
  );
}

function Message({ message, me }: { message: ChatMessage; me: User }) {
  const { id, author, text, sentAt, hasImage } = message;
  const sent = new Date(sentAt);
  const isOwn = author.id === me.id;
  return (
    <li className={isOwn ? "message own" : "message"} data-testid="message">
      {!isOwn && <Avatar user={author} />}
      <div className="bubble">
        <p className="meta">
          <span>{author.name}</span>{" "}
          <time dateTime={sent.toISOString()}>
            {sent.toLocaleTimeString([], { timeStyle: "short" })}
          </time>
        </p>
        {hasImage && <Picture message={id} of={author.name} />}
        {text !== "" && <p className="text">{text}</p>}
      </div>
    </li>
  );
}

function Pending({
  outgoing: { draft, state, problem },
  onRetry,
  onDiscard,
}: {
  outgoing: Outgoing;
  onRetry: () => void;
  onDiscard: () => void;
}) {
  return (
    <li className={`message own ${state}`} data-testid="pending">
      <div className="bubble">
        {draft.image && (
          <img className="picture" src={ownPicture(draft.image)} alt="" />
        )}
        {draft.text !== "" && <p className="text">{draft.text}</p>}
        <p className="meta">
          {state === "failed" ? (
            <>
              <span className="bad">{problem}</span>{" "}
              <button type="button" className="link" onClick={onRetry}>
                Try again
              </button>{" "}
              <button type="button" className="link" onClick={onDiscard}>
                Discard
              </button>
            </>
          ) : state === "sending" ? (
            "Sending…"
          ) : (
            "Waiting to be sent…"
          )}
        </p>
      </div>
    </li>
  );
}
