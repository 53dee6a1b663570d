/**
 * Connections that a node of a test has for ordinary calls: with two, work that holds one and waits for another soon
 * meets its like, and neither goes on.
 */
export const testPoolSize = 2
