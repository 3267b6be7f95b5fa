/** For tests of services: a real database and real service processes, on ports that the system chooses. */
export * from "./database.ts";
export * from "./gate.ts";
export * from "./owner.ts";
export * from "./samples.ts";
export * from "./service-process.ts";
