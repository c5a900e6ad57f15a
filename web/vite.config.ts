import { resolve } from "node:path";
import { defineConfig } from "vite";
import { phoneWorker } from "./phone-worker.ts";

// While developing, `ANLAN_URL` says where the service listens.
const service = process.env.ANLAN_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [phoneWorker()],
  server: { proxy: { "/api": service, "/signin": service } },
  build: {
    target: "es2022",
    // maplibre-gl alone is about 1 MB and is loaded by the desk only
    chunkSizeWarningLimit: 1300,
    // fonts stay files: a page loads only the slices of the characters that it shows
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        desk: resolve(import.meta.dirname, "index.html"),
        phone: resolve(import.meta.dirname, "phone.html"),
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", css: true },
} as Parameters<typeof defineConfig>[0]);
