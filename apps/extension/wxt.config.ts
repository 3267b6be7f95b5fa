import { defaultClientConditions } from "vite";
import { defineConfig } from "wxt";

/** Hosts of the tests. What the browser would ask a person for, a test cannot answer; nothing else differs. */
const TEST_HOSTS = ["127.0.0.1", "localhost"].flatMap((host) => [
  `*://${host}/*`,
  `ws://${host}/*`,
  `wss://${host}/*`,
]);

export default defineConfig({
  srcDir: "src",
  publicDir: "public",
  imports: false,
  // Tests that run at the same time build into a folder each.
  ...(process.env.PERCH_EXTENSION_FOLDER !== undefined && {
    outDirTemplate: process.env.PERCH_EXTENSION_FOLDER,
  }),
  zip: { artifactTemplate: "perch-extension-{{version}}-{{browser}}.zip" },
  vite: () => ({ resolve: { conditions: ["perch-source", ...defaultClientConditions] } }),
  manifest: {
    name: "perch: choose the canary",
    short_name: "perch",
    description:
      "Sends X-Canary to the hosts that you list, for all tabs or for one, and shows who served the page.",
    minimum_chrome_version: "132",
    permissions: ["activeTab", "declarativeNetRequestWithHostAccess", "storage", "webRequest"],
    // "*" as a scheme is http and https alone, and a WebSocket counts as what it is. What is asked for one by one must
    // lie in one of these: "http" and "https" apart would not hold "*://localhost/*".
    optional_host_permissions: ["*://*/*", "ws://*/*", "wss://*/*"],
    ...(process.env.PERCH_EXTENSION_TEST === "1" && { host_permissions: TEST_HOSTS }),
    commands: { _execute_action: { suggested_key: { default: "Alt+Shift+S" } } },
    action: { default_title: "perch", default_icon: icons() },
    icons: icons(),
    storage: { managed_schema: "managed-schema.json" },
    content_security_policy: {
      extension_pages:
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src http: https:; base-uri 'none'; form-action 'none'",
    },
  },
});

function icons(): Record<string, string> {
  return Object.fromEntries([16, 32, 48, 128].map((size) => [String(size), `icons/${size}.png`]));
}
