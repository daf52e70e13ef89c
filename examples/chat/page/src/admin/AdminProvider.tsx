import {
  createContext,
  useContext,
  useEffect,
  useState,
  type ReactNode,
} from "react";
import type { Alert, Statistics } from "../events";
import { useRoute } from "../route";
import type { Session } from "../session";
import { Admin } from "../sockets";
import { StaySignedIn } from "../StaySignedIn";
import { useAtConnect } from "../useAtConnect";

interface Administration {
  /** `undefined` until the first statistics arrive, and for users who are not administrators. */
  statistics: Statistics | undefined;
  /** Number of connections over time, latest last. */
  load: readonly number[];
  /** Alerts, newest first. */
  alerts: readonly Alert[];
  /** Number of alerts since the user last viewed the dashboard. */
  unseen: number;
}

const AdministrationContext = createContext<Administration>({
  statistics: undefined,
  load: [],
  alerts: [],
  unseen: 0,
});

export const useAdministration = () => useContext(AdministrationContext);

const MOST_ALERTS = 50;
const MOST_SECONDS = 60;

/** Connects to the administrators' namespace, for administrators only. */
export function AdminProvider({
  session,
  enabled,
  children,
}: {
  session: Session;
  enabled: boolean;
  children: ReactNode;
}) {
  return (
    <Admin.Provider auth={session.auth} enabled={enabled}>
      <StaySignedIn hooks={Admin} />
      <Listener>{children}</Listener>
    </Admin.Provider>
  );
}

function Listener({ children }: { children: ReactNode }) {
  const { emit } = Admin.useEmitWithAck("statistics");
  const [statistics, setStatistics] = useState<Statistics>();
  const [load, setLoad] = useState<readonly number[]>([]);
  const [alerts, setAlerts] = useState<readonly Alert[]>([]);
  const [unseen, setUnseen] = useState(0);
  const [page] = useRoute();

  const show = (statistics: Statistics) => {
    const connections = statistics.servers.map((it) => it.connections);
    const sum = connections.reduce((sum, count) => sum + count, 0);
    setStatistics(statistics);
    setLoad((known) => [...known, sum].slice(-MOST_SECONDS));
  };
  useAtConnect(Admin.useSocket(), emit, setStatistics);
  useEffect(() => {
    if (page === "admin") {
      setUnseen(0);
    }
  }, [page, alerts]);
  Admin.useSocketEvent("statistics", show);
  Admin.useSocketEvent("alert", (alert) => {
    setAlerts((known) => [alert, ...known].slice(0, MOST_ALERTS));
    setUnseen((count) => count + 1);
  });
  return (
    <AdministrationContext value={{ statistics, load, alerts, unseen }}>
      {children}
    </AdministrationContext>
  );
}
