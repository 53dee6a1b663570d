/** What `[ssh]` says. */
export interface SshSettings {
  readonly ttlSecondsMin: number
  readonly ttlSecondsMax: number
  /** The addresses that Gatehouse's own nodes have as hosts see them; empty: not told. */
  readonly sourceAddresses: readonly string[]
  /** How long a host may take to answer. Not reaching one always takes this long. */
  readonly contactSeconds: number
  /** When a visit is cut, if not after `visitSecondsMax`: for tests of visits that hang. */
  readonly visitSeconds?: number
}
