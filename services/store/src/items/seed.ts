import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import type { ItemFields } from "./item.ts";
import type { Repository } from "./repository.ts";

const SAMPLES: Readonly<Record<string, ItemFields>> = {
  "oak-perch": {
    name: "Oak perch",
    description: "A natural branch, sanded where feet hold on. For finches and larger.",
    priceCents: 1_490,
  },
  "window-feeder": {
    name: "Window feeder",
    description: "Clear tray with suction cups: breakfast with great tits, from the kitchen table.",
    priceCents: 2_250,
  },
  "canary-swing": {
    name: "Canary swing",
    description: "Beech and brass. Swings a little before it settles, as every canary should.",
    priceCents: 995,
  },
};

/** Puts the sample items there. Repeating it changes nothing, and takes no item back that somebody changed. */
export async function seed(repository: Repository, signal: AbortSignal): Promise<void> {
  for (const [id, fields] of Object.entries(SAMPLES)) {
    await repository.create(id, fields, signal).catch((error: unknown) => {
      if (!(error instanceof StatusError && error.code === status.ALREADY_EXISTS)) throw error;
    });
  }
}
