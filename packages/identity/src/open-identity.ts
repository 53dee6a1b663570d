import type { Approvals, OpenDomain } from '@gatehouse/enforcement'
import { identityHandlers } from './handlers.ts'
import { findApproval } from './find-approval.ts'
import { createAuthenticator } from './login/authenticate.ts'
import { createTransitTokens } from './login/make-transit-token.ts'
import { createSubjects } from './login/find-subject.ts'
import { followSettings } from './settings/settings-in-force.ts'
import type { IdentityConfig } from './shared/config.ts'
import type { Administrators, IdentityDeps, LeasesOfPeople, Lockables, WorkspaceContents } from './shared/deps.ts'
import { openSigningKeys, type SigningKeysDeps } from './tokens/signing/signing-keys.ts'
import type { EmergencySessions } from './shared/ports.ts'
import { createGuessThrottle } from './proof/throttle/guess-throttle.ts'
import { createVoteKeys } from './proof/webauthn/vote-assertion.ts'
import { peopleEraser } from './upkeep/erase-person.ts'
import { readFigures } from './upkeep/figures.ts'

/** What identity is opened with. */
export interface IdentityNeeds extends Omit<
  IdentityDeps,
  'keys' | 'config' | 'authenticator' | 'settings' | keyof IdentityPorts
> {
  readonly emergencies: EmergencySessions
  readonly settings: {
    readonly identity: IdentityConfig
    /** The key that access tokens are signed with, where it was brought; null: it is made here. */
    readonly signingKey: NonNullable<SigningKeysDeps['imported']> | null
  }
}

/** What identity asks of others, once all domains are open. */
export interface IdentityPorts {
  readonly leases: LeasesOfPeople
  readonly contents: WorkspaceContents
  readonly lockables: Lockables
  readonly administrators: Administrators
}

/** Of all that domains may ask of one another, what is asked for here. */
const pick = ({ leases, contents, lockables, administrators }: IdentityPorts): IdentityPorts => ({
  leases,
  contents,
  lockables,
  administrators,
})

/** Opens identity: its keys, what administrators have set, and who proves callers. */
export async function openIdentity({ settings: { identity: config, signingKey }, ...needs }: IdentityNeeds) {
  const { db, sealer, clock, emergencies } = needs
  const signingKeys = await openSigningKeys({ db, sealer, clock, imported: signingKey })
  const settings = followSettings({ db, config })
  const authenticator = createAuthenticator({ db, keys: signingKeys, clock, config, settings, emergencies })
  const guesses = { limit: config.mfa.rateLimit, windowSeconds: config.mfa.rateLimitWindowSeconds }
  const throttle = createGuessThrottle({ db, clock, ...guesses, isExemptAddress: needs.isExemptAddress })
  return {
    authenticator,
    voteKeys: createVoteKeys({ ...needs, config, settings, throttle }),
    signingKeys,
    transitTokens: createTransitTokens({ ...needs, keys: signingKeys, config }),
    subjects: createSubjects({ db, clock, settings }),
    approvals: { find: (asked) => findApproval(db, asked) } satisfies Approvals,
    backends: {},
    handlers: (ports: IdentityPorts) =>
      identityHandlers({ ...needs, ...pick(ports), keys: signingKeys, config, authenticator, settings }),
    sweeps: () => [],
    eraser: () => peopleEraser,
    status: () => Promise.resolve({ parts: [], facts: {} }),
    figures: (now: Date) => readFigures({ db, settings, guesses }, now),
  } satisfies OpenDomain<IdentityPorts> & Record<string, unknown>
}
