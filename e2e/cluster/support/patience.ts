/**
 * Seconds that a story waits for what has to come. No measure of speed: two cores run dozens of stories at once, and one machine is
 * several times slower than another.
 */
export const PATIENCE = 600;
