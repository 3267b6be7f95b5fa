const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

/** Options of a table whose columns are told apart by space alone. */
export const PLAIN_TABLE = {
  chars: NO_BORDERS,
  style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
};
