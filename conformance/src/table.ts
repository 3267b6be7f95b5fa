import type { Case } from "./case.ts";
import { ABSENT } from "./cases/absent.ts";
import { BETWEEN_SERVICES } from "./cases/between-services.ts";
import { INVALID_SELECTORS } from "./cases/invalid.ts";
import { LINES } from "./cases/lines.ts";
import { LIST } from "./cases/list.ts";
import { NUMBER } from "./cases/number.ts";
import { PATHS } from "./cases/paths.ts";
import { SHARE_LINK } from "./cases/share-link.ts";
import { UNREADY } from "./cases/unready.ts";
import { WHITE_SPACE_AND_CASE } from "./cases/white-space.ts";

/** The routing truth table: every claim, by what it is about. */
export const TABLE: Readonly<Record<string, readonly Case[]>> = {
  "no selector": ABSENT,
  "a number": NUMBER,
  "a list": LIST,
  "an invalid selector": INVALID_SELECTORS,
  "several lines": LINES,
  "white space and case": WHITE_SPACE_AND_CASE,
  "a canary that is not ready": UNREADY,
  "a share link": SHARE_LINK,
  "a path": PATHS,
  "between services": BETWEEN_SERVICES,
};

export const CASES: readonly Case[] = Object.values(TABLE).flat();
