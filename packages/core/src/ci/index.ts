/** What workflows ask about a pull request, decided. */
export * from "./budget.ts";
export * from "./changed.ts";
export * from "./comment/body.ts";
export * from "./comment/feedback.ts";
export * from "./comment/plan.ts";
export * from "./deployment.ts";
export * from "./labels.ts";
export * from "./pull-request.ts";
export * from "./refresh.ts";
export * from "./services.ts";
export * from "./subject.ts";
export * from "./tag.ts";
