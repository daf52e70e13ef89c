import type { RoomId, User } from "../events";
import { Chat } from "../sockets";
import { Composer } from "./Composer";
import { Log } from "./Log";
import { joinProblem } from "./problems";
import { useConversation } from "./useConversation";
import { useTypists } from "./useTypists";

/** A joined room, which receives messages even while another room is shown. */
export function Room({
  room,
  me,
  isOpen,
  onLeave,
}: {
  room: RoomId;
  me: User;
  isOpen: boolean;
  onLeave: () => void;
}) {
  const { status, joined, members, error, join } = Chat.useRoom(room, {
    join: "room:join",
    leave: "room:leave",
    entered: "room:entered",
    left: "room:left",
    members: ({ members }) => members,
    identify: ({ id }) => id,
  });
  Chat.useSocketEvent("room:stale", join);
  const conversation = useConversation(room, me, status === "joined", joined);
  const { typists, setTyping } = useTypists(room);

  return (
    <>
      <section
        className="card conversation"
        aria-labelledby={`title-${room}`}
        hidden={!isOpen}
        data-testid={isOpen ? "conversation" : undefined}
      >
        <div className="title">
          <h1
            id={`title-${room}`}
            data-testid={isOpen ? "room-title" : undefined}
          >
            # {room}
          </h1>
          {status === "joining" && (
            <span
              className="faint"
              data-testid={isOpen ? "joining" : undefined}
            >
              Joining…
            </span>
          )}
          <button type="button" className="quiet" onClick={onLeave}>
            Leave room
          </button>
        </div>
        {error ? (
          <p className="problem" role="alert" data-testid="room-problem">
            {joinProblem(error)}
          </p>
        ) : (
          <Log conversation={conversation} me={me} />
        )}
        <p
          className="faint typing"
          aria-live="polite"
          data-testid={isOpen ? "typing" : undefined}
        >
          {typists.length > 0 &&
            `${typists.join(", ")} ${typists.length === 1 ? "is" : "are"} typing…`}
        </p>
        <Composer
          room={room}
          isOpen={isOpen}
          isDisabled={status === "refused"}
          onTyping={setTyping}
          onPost={conversation.post}
        />
      </section>
      <aside
        className="card members"
        aria-labelledby={`members-${room}`}
        hidden={!isOpen}
      >
        <h2 id={`members-${room}`}>Members</h2>
        <ul data-testid={isOpen ? "members" : undefined}>
          {[...members].sort(byName).map((member) => (
            <li key={member.id}>
              <Avatar user={member} /> {member.name}{" "}
              <span className="role">
                {member.id === me.id ? "you" : member.role}
              </span>
            </li>
          ))}
        </ul>
      </aside>
    </>
  );
}

const byName = (a: User, b: User) => a.name.localeCompare(b.name);

/** A person's initial on a color of their own. */
export function Avatar({ user }: { user: User }) {
  const hue = [...user.id].reduce((sum, it) => sum + it.charCodeAt(0) * 37, 0);
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{ "--hue": hue % 360 } as React.CSSProperties}
    >
      {user.name.slice(0, 1)}
    </span>
  );
}
