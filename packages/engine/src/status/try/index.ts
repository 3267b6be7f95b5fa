export { serveTry } from "./serve.ts";
