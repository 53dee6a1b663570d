/** The one place where this client asks what time it is: a proof is good for moments only. */
export const secondsNow = (): number => Math.floor(new Date().getTime() / 1000)
