export { asksForCanaries, needsVouching } from "./gate.ts";
export { type CanaryServices, canaryServices } from "./services.ts";
export * from "./types.ts";
export { type LabelEvent, type VouchedLabel, type Vouching, vouchedLabels } from "./vouched.ts";
export * from "./workspaces.ts";
