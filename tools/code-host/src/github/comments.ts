import { json, problem } from "./answer.ts";
import {
  type Call,
  created,
  type Handler,
  NO_CONTENT,
  notFound,
  page,
  textOf,
  unprocessable,
} from "./call.ts";
import { accountJson } from "./history.ts";
import type { Comment } from "./records.ts";

/** Longest body that GitHub takes, in characters. */
const LONGEST = 65_536;

/** Comments on pull requests: https://docs.github.com/rest/issues/comments */
export const comments: Handler = (call) => {
  const ofIssue = /^\/issues\/(\d+)\/comments$/.exec(call.path)?.[1];
  if (ofIssue !== undefined) return list(call, Number(ofIssue));
  const id = /^\/issues\/comments\/(\d+)$/.exec(call.path)?.[1];
  return id === undefined ? undefined : one(call, Number(id));
};

function list(call: Call, number: number) {
  const { records, repo, question, store, login, body } = call;
  if (!store.pullRequests.some((pr) => pr.repo === repo && pr.number === number)) return notFound();
  if (question.method === "GET") {
    const wanted = records.comments.filter((comment) => comment.repo === repo && comment.number === number);
    return page(call, wanted.map(commentJson));
  }
  if (question.method !== "POST") return undefined;
  const text = textOf(body.body);
  if (text === "" || text.length > LONGEST) return unprocessable("body");
  const comment = { id: records.nextId(), repo, number, author: login ?? "", body: text };
  records.comments = [...records.comments, comment];
  return created(commentJson(comment));
}

function one(call: Call, id: number) {
  const { records, repo, question, login, body } = call;
  const comment = records.comments.find((candidate) => candidate.repo === repo && candidate.id === id);
  if (comment === undefined) return notFound();
  if (question.method === "GET") return json(200, commentJson(comment));
  if (comment.author !== login) return problem(403, "Resource not accessible by integration");
  const others = records.comments.filter((candidate) => candidate !== comment);
  if (question.method === "DELETE") {
    records.comments = others;
    return NO_CONTENT;
  }
  const text = textOf(body.body);
  if (text === "" || text.length > LONGEST) return unprocessable("body");
  const edited = { ...comment, body: text };
  records.comments = [...others, edited].sort((a, b) => a.id - b.id);
  return json(200, commentJson(edited));
}

function commentJson({ id, author, body, repo, number }: Comment): object {
  return {
    id,
    body,
    user: accountJson(author),
    html_url: `https://github.com/${repo}/pull/${number}#issuecomment-${id}`,
  };
}
