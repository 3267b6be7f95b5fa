import { registerHooks } from "node:module";

// Preloaded, it takes the library out of a service: its modules are replaced by ones of the same names that do nothing.

const PLAIN: Readonly<Record<string, string>> = {
  "@perch/context/http": new URL("./plain-http.ts", import.meta.url).href,
  "@perch/context/grpc": new URL("./plain-grpc.ts", import.meta.url).href,
};

registerHooks({
  resolve: (specifier, context, next) => next(PLAIN[specifier] ?? specifier, context),
});
