/**
 * Once all that follows from what is being worked on has been done, without another look at the network: of those who
 * are begun together, each has come as far as it can.
 */
export const endOfTask = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
