/** Ends this process when its supervisor does, or when it is asked to. */
export const endWithStandardInput = (): void => {
  process.stdin.once('close', () => process.exit(0)).resume()
  process.once('SIGTERM', () => process.exit(0))
}
