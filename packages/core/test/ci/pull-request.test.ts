import { describe, it } from "node:test";
import { requireAllowed, requireClosed, requireCurrent, requireForkHead } from "@perch/core";
import { EARLIER, HEAD, pullRequest, refuses } from "./support.ts";

describe("a run for a pull request", () => {
  it("goes on for the head that is there, and for whatever it is where none is named", () => {
    requireCurrent(pullRequest(), HEAD);
    requireCurrent(pullRequest(), undefined);
    requireClosed(pullRequest({ isOpen: false }));
  });

  it("ends for another head, a closed pull request, and a close that was undone", () => {
    refuses(() => requireCurrent(pullRequest(), EARLIER), "SUPERSEDED", /0123456789ab, not fedcba987654/);
    refuses(() => requireCurrent(pullRequest({ isOpen: false }), HEAD), "SUPERSEDED", /#7 is closed/);
    refuses(() => requireClosed(pullRequest()), "SUPERSEDED", /#7 is open/);
  });
});

describe("a fork's or a bot's pull request", () => {
  const fork = pullRequest({ isTrusted: false });

  it("is built at the head that a maintainer names, while it is the head", () => {
    requireForkHead(fork, HEAD);
    refuses(() => requireForkHead(fork, EARLIER), "SUPERSEDED", /another head/);
    refuses(() => requireForkHead({ ...fork, isOpen: false }, HEAD), "SUPERSEDED", /closed/);
  });

  it("gets labels only for a head that is named", () => {
    requireAllowed(fork, HEAD);
    refuses(() => requireAllowed(fork, undefined), "NOT_ALLOWED", /which of its heads/);
  });

  it("is the only kind that a maintainer dispatches", () => {
    refuses(() => requireForkHead(pullRequest(), HEAD), "NOT_ALLOWED", /branch of the repository itself/);
  });
});
