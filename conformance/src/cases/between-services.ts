import type { Case, CaseRequest } from "../case.ts";
import { requested } from "./make.ts";

function store(...lines: string[]): CaseRequest {
  return { apex: "store", lines };
}

function price(...lines: string[]): CaseRequest {
  return { apex: "price", lines };
}

const SEVENTEEN = ["store=45", ...Array.from({ length: 16 }, (_, index) => `other-${index}=1`)].join(",");
/** 7 entries, together over 256 bytes. */
const LONG = ["store=45", ...Array.from({ length: 6 }, (_, index) => `${"o".repeat(39)}${index}=1`)].join(
  ",",
);

const STORE_INVALID = { hops: ["store"], invalid: true } as const;

const STORE_45_INVALID = { hops: ["store@45"], invalid: true } as const;

const UNBOUNDED = {
  deviates: { linkerd: { why: "a route's expression has no bound on the length", expect: STORE_45_INVALID } },
} as const;

const UNREAD = {
  deviates: {
    linkerd: {
      why: "an expression looks for its own entry, whatever is beside it",
      expect: STORE_45_INVALID,
    },
  },
} as const;

/** What a caller inside gets at the apex address of a service. */
export const BETWEEN_SERVICES: readonly Case[] = [
  requested("gRPC without a selector goes to stable", store(), { hops: ["store"] }),
  requested("gRPC with a number goes to the canary", store("45"), { hops: ["store@45"] }),
  requested("gRPC with a list of one goes to the canary", store("store=45"), {
    hops: ["store@45"],
  }),
  requested("gRPC with a longer list goes to the canary that it names", store("api=8,store=45,web=7"), {
    hops: ["store@45"],
  }),
  requested("gRPC with a list that names others goes to stable", store("api=45"), {
    hops: ["store"],
  }),
  requested("gRPC with a number that has no canary goes to stable", store("8"), {
    hops: ["store"],
  }),
  requested("gRPC to an unready canary is UNAVAILABLE, never stable", store("51"), { status: 503, hops: [] }),
  requested("gRPC to an unready canary by a list is UNAVAILABLE", store("store=51"), {
    status: 503,
    hops: [],
  }),
  requested("gRPC with an invalid selector goes to stable, which says so", store("045"), STORE_INVALID),
  requested("gRPC with two equal lines goes to the canary", store("45", "45"), {
    hops: ["store@45"],
  }),
  requested("gRPC with two lines that differ goes to stable", store("45", "7"), STORE_INVALID, {
    deviates: {
      traefik: {
        why: "each line is matched by itself; the higher number has the higher priority",
        expect: { hops: ["store@45"], invalid: true },
      },
      linkerd: {
        why: "each line is matched by itself; the older route wins",
        expect: { hops: ["store@7"], invalid: true },
      },
    },
  }),
  requested("gRPC with a valid line and an invalid one goes to stable", store("45", "x"), STORE_INVALID, {
    deviates: {
      traefik: { why: "a rule matches if one line does", expect: STORE_45_INVALID },
      linkerd: { why: "a rule matches if one line does", expect: STORE_45_INVALID },
    },
  }),
  requested("gRPC with a service named twice goes to stable", store("store=45,store=7"), STORE_INVALID, {
    deviates: {
      traefik: {
        why: "expressions match one entry each; the higher number has the higher priority",
        expect: STORE_45_INVALID,
      },
      linkerd: {
        why: "expressions match one entry each; the older route wins",
        expect: { hops: ["store@7"], invalid: true },
      },
    },
  }),
  requested("gRPC with a list of more than 256 bytes goes to stable", store(LONG), STORE_INVALID, UNBOUNDED),
  requested("gRPC with a list of 17 services goes to stable", store(SEVENTEEN), STORE_INVALID, UNBOUNDED),
  requested("gRPC with a number before a list goes to stable", store("7,store=45"), STORE_INVALID, UNREAD),
  requested(
    "gRPC with a list that ends with a comma goes to stable",
    store("store=45,"),
    STORE_INVALID,
    UNREAD,
  ),
  requested("gRPC with a space in a list goes to stable", store("api=8, store=45"), STORE_INVALID),
  requested("HTTP without a selector goes to stable", price(), { hops: ["price"] }),
  requested("HTTP with a number goes to the canary", price("9"), { hops: ["price@9"], echo: "9" }),
  requested("HTTP with a list goes to the canary that it names", price("api=8,price=9"), {
    hops: ["price@9"],
    echo: "api=8,price=9",
  }),
  requested("HTTP with a list that names others goes to stable", price("api=9"), {
    hops: ["price"],
    echo: "api=9",
  }),
  requested("HTTP to an unready canary answers 503, never stable", price("52"), { status: 503, hops: [] }),
  requested(
    "HTTP with an invalid entry beside its own goes to stable",
    price("price=9,x"),
    { hops: ["price"], invalid: true },
    {
      deviates: {
        linkerd: {
          why: "an expression looks for its own entry, whatever is beside it",
          expect: { hops: ["price@9"], invalid: true },
        },
      },
    },
  ),
  requested("HTTP with an invalid selector goes to stable, which says so", price("x"), {
    hops: ["price"],
    invalid: true,
  }),
];
