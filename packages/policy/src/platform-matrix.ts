import { platformActions, type PlatformAction, type PlatformType } from '@gatehouse/contract'
import type { Decider } from '@gatehouse/enforcement'
import { decidePlatform } from './platform.ts'
import type { Grant } from './grant.ts'
import { platformCallers, platformQuestion, wordOf, type PlatformCaller } from './platform-cases.ts'

const tiers = ['development', 'staging', 'production'] as const
type Tier = (typeof tiers)[number]

const words: Readonly<Record<string, string>> = {
  allow: 'yes',
  deny: '–',
  mfa: 'yes*',
  approval: 'approved',
  'mfa+approval': 'approved*',
}

/**
 * Who may do what on the platform, found by asking the policies: in a workspace of the caller's team, on a Wednesday at
 * noon, with two factors in the session.
 */
export const platformMatrix = (decider: Decider): string =>
  [
    '## On the platform',
    '',
    "In a workspace of the caller's team, within business hours, from the corporate network; each environment asks " +
      'for what it asks for when Gatehouse is installed. `approved`: once a second person has approved this very call.',
    '',
    ...tiers.flatMap((tier) => [`### Environment ${tier}`, '', table(decider, tier), '']),
  ].join('\n')

/** What each kind of caller may do on the platform, by tier. */
export const platformGrants = (decider: Decider): readonly Grant[] =>
  tiers.flatMap((tier) =>
    platformCallers.flatMap((caller) =>
      things.map(({ action, on, name }) => ({
        who: headOf(caller),
        what: name,
        where: tier,
        may: cellOf(decider, { caller, action, on, tier }),
      })),
    ),
  )

const headOf = (caller: PlatformCaller): string => (caller === 'service' ? 'bound program' : caller)

const things: readonly { readonly action: PlatformAction; readonly on: PlatformType; readonly name: string }[] = [
  ...platformActions.map((action) => ({ action, on: 'Server' as const, name: action })),
  { action: 'list', on: 'Secret', name: 'list secrets' },
  { action: 'read', on: 'Secret', name: 'read a secret' },
]

function table(decider: Decider, tier: Tier): string {
  const heads = platformCallers.map(headOf)
  const row = (action: PlatformAction, on: PlatformType, name: string): string => {
    const cells = platformCallers.map((caller) => cellOf(decider, { caller, action, on, tier }))
    return `| ${name} | ${cells.join(' | ')} |`
  }
  return [
    `| action | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---|').join('')}`,
    ...things.map(({ action, on, name }) => row(action, on, name)),
  ].join('\n')
}

interface Cell {
  readonly caller: PlatformCaller
  readonly action: PlatformAction
  readonly on: PlatformType
  readonly tier: Tier
}

const cellOf = (decider: Decider, { caller, action, on, tier }: Cell): string => {
  const properties: Record<string, string> = on === 'Secret' ? { classification: 'confidential' } : {}
  const word = wordOf(
    decidePlatform(decider, platformQuestion(caller, { do: action, on, tier, as: 'mfa', properties })),
  )
  return words[word] ?? word
}
