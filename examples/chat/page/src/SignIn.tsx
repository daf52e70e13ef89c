import { useState, type SubmitEvent } from "react";
import { Session } from "./session";

const PEOPLE = [
  ["ada-key", "Ada, an administrator"],
  ["grace-key", "Grace, of Acme and Globex"],
  ["edsger-key", "Edsger, of Globex"],
  ["barbara-key", "Barbara, of Acme"],
] as const;

export function SignIn({
  onSignedIn,
}: {
  onSignedIn: (session: Session) => void;
}) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isPending, setPending] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(undefined);
    try {
      onSignedIn(await Session.start(key.trim()));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setPending(false);
    }
  };

  return (
    <main className="welcome">
      <form className="card narrow" onSubmit={submit}>
        <h1>Sign in</h1>
        <label>
          Key
          <input
            value={key}
            onChange={(event) => setKey(event.target.value)}
            required
            autoComplete="off"
            spellCheck={false}
            aria-describedby="sign-in-problem"
          />
        </label>
        <button type="submit" disabled={isPending}>
          Sign in
        </button>
        <p
          id="sign-in-problem"
          className="problem"
          role="alert"
          data-testid="sign-in-problem"
          hidden={problem === undefined}
        >
          {problem}
        </p>
        <fieldset className="people-to-be">
          <legend className="faint">Or use a demo account</legend>
          {PEOPLE.map(([key, who]) => (
            <button
              key={key}
              type="button"
              className="quiet"
              onClick={() => setKey(key)}
            >
              <code>{key}</code> {who}
            </button>
          ))}
        </fieldset>
      </form>
    </main>
  );
}
