import type { DevFile } from './dev-file.ts'

/** What the ready block says beside the facts of `dev.json`. */
export interface ReadyFacts {
  readonly dev: DevFile
  readonly devFile: string
  /** The state directory, when it is not the one that commands look in by themselves. */
  readonly otherHome: string | null
  readonly seconds: number
  readonly loopbackLimited: boolean
}

/** The one block a person reads when the system is up. */
export const readyBlock = ({ dev, devFile, otherHome, seconds, loopbackLimited }: ReadyFacts): string => {
  const command = `${otherHome === null ? '' : `GATEHOUSE_HOME=${otherHome} `}npx --no-install gatehouse`
  const { urls, admin } = dev
  const rows: readonly (readonly [string, string])[] = [
    ['Web', urls.web],
    ['GraphQL', urls.graphql],
    ['tRPC', urls.trpc],
    ['API reference', `${urls.web}/reference (GraphQL explorer: /explorer)`],
    [
      'Temporal Web',
      urls.temporalWeb ?? `not known (Temporal at ${dev.temporal.address}; TEMPORAL_UI_URL names its web)`,
    ],
    ['', ''],
    [
      'Administrator',
      admin.oneTimePassword === null
        ? `${admin.username}, password already changed`
        : `${admin.username}, one-time password  ${admin.oneTimePassword}`,
    ],
    [
      'Other accounts',
      dev.principals.length === 0
        ? 'none (started with --empty)'
        : `${dev.principals.length}, with passwords and TOTP secrets, in ${devFile}`,
    ],
    [
      'Rate limit',
      loopbackLimited
        ? 'loopback is limited like everybody (GATEHOUSE_RATE_LIMIT_LOOPBACK=1)'
        : 'loopback is exempt here; GATEHOUSE_RATE_LIMIT_LOOPBACK=1 limits it, too',
    ],
  ]
  return [
    '',
    `  Gatehouse is ready (${seconds.toFixed(1)} s)`,
    '',
    ...rows.map(([name, value]) => (name === '' ? '' : `    ${name.padEnd(16)}${value}`)),
    '',
    '  Next, in another terminal:',
    '',
    `    ${command} auth login --username ${admin.username}`,
    `    ${command} --help`,
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n')
}
