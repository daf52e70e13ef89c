import { defineConfig } from "vite";

export default defineConfig({
  server: {
    // `npm run dev` beside `cargo run -p chat-server`.
    proxy: { "/socket.io": { target: "http://localhost:3000", ws: true } },
  },
});
