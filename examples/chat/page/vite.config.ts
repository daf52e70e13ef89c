import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` needs a running `cargo run -p chat-server`.
const server = "http://localhost:3000";

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      "/session": server,
      "/socket.io": { target: server, ws: true },
    },
  },
});
