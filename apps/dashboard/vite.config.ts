import { defaultClientConditions, defineConfig } from "vite";

/** Base URL of the status API, where it is not the page's own origin: `/perch`, `https://perch.dev.example.com`. */
const STATUS_API = process.env.PERCH_STATUS_API ?? "";

export default defineConfig({
  plugins: [{ name: "status-api", transformIndexHtml: (html) => withStatusApi(html, STATUS_API) }],
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

function withStatusApi(html: string, api: string): string {
  if (!/^(?:https?:\/\/[\w.:[\]-]+)?(?:\/[\w.~-]+)*\/?$/.test(api))
    throw new Error(
      `PERCH_STATUS_API is ${api}; it must be a path such as /perch, or an address of http or https.`,
    );
  return html.replace('name="perch-status-api" content=""', `name="perch-status-api" content="${api}"`);
}
