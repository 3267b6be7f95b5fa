import { REPOSITORY } from "../config/service-schema.ts";
import type { Discovery, FoundService } from "./types.ts";

/** Something that no file tells. */
export interface Question {
  readonly text: string;
  /** What is taken without an answer. */
  readonly otherwise: string;
  /** What an answer may be, where it is one of a few. */
  readonly choices?: readonly string[];
  /** The discovery with this answer; `undefined`: it makes no sense. */
  answer(discovery: Discovery, answer: string): Discovery | undefined;
}

const READY = /^\/[!-"$-~]*$/;
/** Answers 2xx in most services that have nothing better. */
export const DEFAULT_READY = "/";

/** What perch has to ask, because it cannot know. */
export function questionsOf(discovery: Discovery): Question[] {
  const { services, repo, isRepoKnown } = discovery;
  const http = services.filter(({ protocol }) => protocol === "http");
  return [
    ...(isRepoKnown ? [] : [repositoryQuestion(repo)]),
    ...(http.length > 1 ? [frontQuestion(http)] : []),
    ...http.filter(({ ready }) => ready === undefined).map(readyQuestion),
  ];
}

function repositoryQuestion(otherwise: string): Question {
  return {
    text: "Which repository do pull requests come to (owner/name)?",
    otherwise,
    answer: (discovery, repo) =>
      REPOSITORY.test(repo) ? { ...discovery, repo, isRepoKnown: true } : undefined,
  };
}

function frontQuestion(http: readonly FoundService[]): Question {
  const front = http.find(({ edge }) => edge === "/") ?? http.find(({ edge }) => edge !== undefined);
  const choices = http.map(({ name }) => name);
  return {
    text: "Which service answers requests from outside?",
    otherwise: front?.name ?? choices[0] ?? "",
    choices,
    answer: (discovery, name) => {
      if (!choices.includes(name)) return undefined;
      if (name === front?.name) return discovery;
      const change = (service: FoundService) =>
        service.name === name ? { edge: "/" } : service.edge === "/" ? { edge: undefined } : {};
      return { ...discovery, services: discovery.services.map((one) => ({ ...one, ...change(one) })) };
    },
  };
}

function readyQuestion({ name }: FoundService): Question {
  return {
    text: `Which path of ${name} answers 2xx once it is ready?`,
    otherwise: DEFAULT_READY,
    answer: (discovery, ready) => {
      if (!READY.test(ready)) return undefined;
      const services = discovery.services.map((one) => (one.name === name ? { ...one, ready } : one));
      return { ...discovery, services };
    },
  };
}
