import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    // Fonts and images stay files: the content policy allows no data: addresses.
    assetsInlineLimit: 0,
    // What is bundled keeps the terms it came under.
    license: { fileName: "licenses.md" },
    // Swagger UI is large and asked for on its own page only.
    chunkSizeWarningLimit: 1600,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: "index.html", docs: "docs/index.html" } },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000", "/openapi.json": "http://127.0.0.1:8000" } },
});
