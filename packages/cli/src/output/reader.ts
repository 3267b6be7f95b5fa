let whenGone: () => void = () => process.exit(0);

/**
 * Says what to do when nobody reads standard output any more (`| head`, a terminal that was closed). Without it the
 * command ends, successfully: its reader has seen enough. A command that has something running must end that first.
 */
export function onReaderGone(action: () => void): void {
  whenGone = action;
}

/** Watches standard output, for as long as the command runs. */
export function watchReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    whenGone();
  });
}
