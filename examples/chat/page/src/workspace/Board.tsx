import { useEffect, useState, type SubmitEvent } from "react";
import { Avatar } from "../chat/Room";
import type { Board as BoardName, Note, User } from "../events";
import { Workspace } from "../sockets";

/** A board with its notes and the people who watch it. */
export function Board({ board, me }: { board: BoardName; me: User }) {
  const { status, joined } = Workspace.useRoom(board, {
    join: "board:open",
    leave: "board:close",
  });
  const { emit, isPending } = Workspace.useEmitWithAck("note:add");
  const [notes, setNotes] = useState<readonly Note[]>([]);
  const [watchers, setWatchers] = useState<readonly User[]>([]);
  const [text, setText] = useState("");

  const add = (note: Note) =>
    setNotes((known) =>
      known.some(({ id }) => id === note.id) ? known : [...known, note],
    );
  useEffect(() => {
    if (joined) {
      setNotes(joined.notes);
      setWatchers(joined.watchers);
    }
  }, [joined]);
  Workspace.useSocketEvent("note:added", (note) => {
    if (note.board === board) {
      add(note);
    }
  });
  Workspace.useSocketEvent("watchers", (about, people) => {
    if (about === board) {
      setWatchers(people);
    }
  });
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const result = await emit(board, text);
    if (result.status === "ok") {
      add(result.data);
      setText("");
    }
  };

  return (
    <>
      <p className="watchers" data-testid="watchers">
        {watchers.map((it) => (
          <span key={it.id} className="watcher">
            <Avatar user={it} /> {it.id === me.id ? "you" : it.name}
          </span>
        ))}
      </p>
      {status === "joined" && notes.length === 0 && (
        <p className="faint">No notes yet.</p>
      )}
      <ul className="notes" data-testid="notes">
        {notes.map((note) => (
          <li key={note.id} data-testid="note">
            <span>{note.text}</span>{" "}
            <span className="faint">{note.author.name}</span>
          </li>
        ))}
      </ul>
      <form className="row" onSubmit={submit}>
        <label className="hidden" htmlFor="note">
          Note
        </label>
        <input
          id="note"
          value={text}
          onChange={(event) => setText(event.target.value)}
          required
          placeholder="Another note"
          autoComplete="off"
        />
        <button type="submit" disabled={isPending}>
          Add
        </button>
      </form>
    </>
  );
}
