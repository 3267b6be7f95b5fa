import { browser } from "wxt/browser";

browser.devtools.panels.create("perch", "icons/32.png", "panel.html");
