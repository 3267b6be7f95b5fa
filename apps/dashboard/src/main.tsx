import { render } from "preact";
import { App } from "./app.tsx";
import "uplot/dist/uPlot.min.css";
import "./style.css";

const root = document.getElementById("app");
if (root === null) throw new Error("The page has no place for the app.");
root.replaceChildren();
render(<App />, root);
