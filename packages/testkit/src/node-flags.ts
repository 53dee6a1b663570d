/**
 * What gateways and workers are started with, and what tests run with that measure them. Young objects have 32 MB
 * instead of the 128 that Node lets them take on a large machine: a long read filled these with what was thrown away at
 * once, and the process looked as if it kept what it read.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=16']
