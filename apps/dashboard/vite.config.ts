import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the page works under any path of a static server.
  base: "./",
  resolve: { conditions: ["perch-source", ...defaultClientConditions] },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    // The page's policy runs nothing that is inline.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": process.env.PERCH_STATUS_URL ?? "http://localhost:8090" } },
});
