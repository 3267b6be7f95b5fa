/**
 * For listeners: who vanishes without a word (a machine that sleeps, a network that is gone) is asked for by the system after a
 * minute of silence (TCP keep-alive, RFC 9293, section 3.8.4), and its connection ends.
 */
export const PROBED = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;
