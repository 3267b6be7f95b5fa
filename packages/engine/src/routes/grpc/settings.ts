/** What both sides of the router say to their peers. */
const MIB = 1024 * 1024;

/** Bytes that a peer may send on a whole connection before it is told that they were read. */
export const SESSION_WINDOW = 16 * MIB;

/**
 * 1 MiB a stream: more than loopback has under way, and the most that a stream whose reader is slow keeps in memory.
 * `maxSessionMemory` (MB) is left to these windows: Node's 10 MB would refuse streams while a few slow readers wait.
 * A field that HTTP knows as single, sent twice, is for the backend to judge.
 */
export const SESSION_OPTIONS = {
  settings: { initialWindowSize: MIB, enablePush: false },
  maxSessionMemory: 4096,
  strictSingleValueFields: false,
};

/** The same towards clients; streams are bounded, so that one client cannot take all memory. */
export const CLIENT_OPTIONS = {
  ...SESSION_OPTIONS,
  settings: { initialWindowSize: MIB, maxConcurrentStreams: 1000 },
};
