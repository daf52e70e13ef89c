import { useState, type SubmitEvent } from "react";
import { Admin } from "../sockets";

/** Form that sends an announcement to everybody. */
export function Announce() {
  const [text, setText] = useState("");
  const { emit, isPending, data, error } = Admin.useEmitWithAck("announce");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const result = await emit(text);
    if (result.status === "ok") {
      setText("");
    }
  };
  return (
    <section className="card">
      <h2 id="announce-title">Announcement</h2>
      <form className="row" onSubmit={submit}>
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-labelledby="announce-title"
          placeholder="To everybody"
          required
          autoComplete="off"
        />
        <button type="submit" disabled={isPending}>
          Announce
        </button>
      </form>
      <p className="faint" role="status" data-testid="announced">
        {error
          ? "The announcement failed."
          : data !== undefined && `${data} people are told.`}
      </p>
    </section>
  );
}
