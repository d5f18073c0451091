import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// VIGIA_API: where Vite's development server finds a running control plane.
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // no data: URLs, so that the content security policy stays short
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { "/api": process.env["VIGIA_API"] ?? "http://127.0.0.1:8900" } },
});
