/** Whether a machine and a project have what `perch up` needs, decided from what was seen. */
export { diagnose, isHealthy } from "./diagnose.ts";
export { programsOf } from "./programs.ts";
export type {
  Check,
  ConfigFact,
  FrontFact,
  MachineFacts,
  PortFact,
  ProgramFact,
  RemoteFact,
  ServiceFact,
  SourceFact,
  StateDirFact,
} from "./types.ts";
