/** The services and canaries that a case is about; the same in every world that is not named otherwise. */
export interface World {
  readonly name: string;
  /** Each calls those that it names, in that order. */
  readonly services: readonly WorldService[];
  /** Oldest first: a target whose router goes by age keeps this order. */
  readonly canaries: readonly WorldCanary[];
}

export interface WorldService {
  readonly name: string;
  /** Pull requests of one repository share their numbers. */
  readonly repo: string;
  readonly protocol: "http" | "grpc";
  /** Path prefix on the edge host; absent: only other services reach it. */
  readonly edge?: string;
  /** Whom it calls for each request, in order. */
  readonly calls: readonly string[];
}

export interface WorldCanary {
  readonly service: string;
  readonly pr: number;
  /** Not ready: wanted, and it cannot serve. */
  readonly ready: boolean;
}

/** Every share link is below it. A target may use another host, and replaces it in each case. */
export const EDGE_HOST = "dev.example.com";

function services(repoOf: (service: string) => string): WorldService[] {
  return [
    { name: "web", repo: repoOf("web"), protocol: "http", edge: "/", calls: [] },
    { name: "api", repo: repoOf("api"), protocol: "http", edge: "/api", calls: ["store", "price"] },
    { name: "store", repo: repoOf("store"), protocol: "grpc", calls: [] },
    { name: "price", repo: repoOf("price"), protocol: "http", calls: [] },
  ];
}

function canary(service: string, pr: number, ready = true): WorldCanary {
  return { service, pr, ready };
}

/** PR 7 changes three services; 8 api; 45 store; 9 price. 50 to 52 do not get ready. */
const CANARIES: readonly WorldCanary[] = [
  canary("web", 7),
  canary("api", 7),
  canary("api", 8),
  canary("api", 50, false),
  canary("store", 7),
  canary("store", 45),
  canary("store", 51, false),
  canary("price", 9),
  canary("price", 52, false),
  canary("api", 9_999_999_999),
];

/** One repository with every service: a number means the same pull request everywhere. */
export const MONOREPO: World = {
  name: "one repository",
  services: services(() => "acme/shop"),
  canaries: CANARIES,
};

/** A repository for each service: equal numbers are unrelated. */
export const MANY_REPOS: World = {
  name: "a repository for each service",
  services: services((service) => `acme/${service}`),
  canaries: CANARIES,
};

/** Nothing but stable. */
export const NO_CANARIES: World = {
  name: "no canaries",
  services: services(() => "acme/shop"),
  canaries: [],
};

export const WORLDS: readonly World[] = [MONOREPO, MANY_REPOS, NO_CANARIES];
