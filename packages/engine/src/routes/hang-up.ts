import type { Socket } from "node:net";

/** Milliseconds in which a client whose session has ended learns why before its socket is gone. */
const TIME_TO_HANG_UP = 1000;

/** Ends the connection of a session that has ended: its client was told, but only it can say that it heard. */
export function hangUp(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), TIME_TO_HANG_UP);
  socket.once("close", () => clearTimeout(timer));
}
