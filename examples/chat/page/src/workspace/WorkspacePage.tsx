import type { Board as BoardName, User } from "../events";
import { to } from "../route";
import { useSession } from "../session";
import { Workspace } from "../sockets";
import { StaySignedIn } from "../StaySignedIn";
import { Board } from "./Board";

const TENANTS = ["acme", "globex"];
const BOARDS: readonly BoardName[] = ["ideas", "doing", "done"];

/** A tenant's workspace, which is its own namespace. Its boards are rooms. */
export function WorkspacePage({
  me,
  tenant = "acme",
  board: asked = "ideas",
}: {
  me: User;
  tenant: string | undefined;
  board: string | undefined;
}) {
  const session = useSession();
  const board = BOARDS.find((it) => it === asked) ?? "ideas";
  return (
    <div className="workspace-page">
      <nav className="card" aria-label="Workspaces">
        <h2>Workspaces</h2>
        <ul>
          {TENANTS.map((name) => (
            <li key={name}>
              <a
                href={to("workspace", name)}
                aria-current={name === tenant ? "true" : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Workspace.Provider auth={session.auth} parameters={{ tenant }}>
        <StaySignedIn hooks={Workspace} />
        <Boards tenant={tenant} board={board} me={me} />
      </Workspace.Provider>
    </div>
  );
}

function Boards({
  tenant,
  board,
  me,
}: {
  tenant: string;
  board: BoardName;
  me: User;
}) {
  const { connectError } = Workspace.useSocket();
  const refusal = connectError?.data;
  if (refusal?.reason === "noSuchWorkspace") {
    return (
      <p className="card problem" role="alert" data-testid="workspace-refused">
        There is no workspace “{refusal.tenant}” for you.
      </p>
    );
  }
  return (
    <section className="card" aria-labelledby="workspace-title">
      <div className="title">
        <h1 id="workspace-title" data-testid="workspace-title">
          {tenant}
        </h1>
        <nav className="tabs" aria-label="Boards">
          {BOARDS.map((name) => (
            <a
              key={name}
              href={to("workspace", tenant, name)}
              aria-current={name === board ? "true" : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
      </div>
      <Board key={`${tenant}/${board}`} board={board} me={me} />
    </section>
  );
}
