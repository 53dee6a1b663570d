import { Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { signingCa, type Ca } from './authorities.ts'
import { holdAuthorities, stageCa } from './ssh-authority.queries.ts'
import { publishCas } from './ssh-certificate.queries.ts'
import { renewAuthorityTokens } from './rotate-ssh-authority.ts'
import type { SshDeps } from './ssh-deps.ts'
import { hostsNotTrusting } from './ssh-host.queries.ts'
import { named } from './update-ssh-host.ts'
import { forgetOverdueKeys, hasOverdueKeys } from './vault-authority.queries.ts'
import { fingerprint } from './wire/index.ts'

/**
 * How long hosts go on trusting a CA that signs no more: every certificate of its has ended by then, and hosts' clocks
 * differ.
 */
const previousSeconds = 25 * 3600

/**
 * Rotates the CA of people's certificates in three steps. `begin` makes the next one, which hosts come to trust while
 * the current one goes on signing; `switch` signs by it, and hosts still trust the one before; `finish` ends that, and
 * with it whatever that one has signed. The second and third come by themselves once all hosts follow, and once no
 * certificate of the one before can be alive.
 */
export const rotateSshCa =
  (deps: SshDeps): Handler<'sshCa.rotate'> =>
  async (permit) => {
    const { input } = permit
    return deps.change(
      permit,
      async (tx) => {
        await holdAuthorities(tx)
        await steps[input.step](deps, tx, input)
        await publishCas(tx, deps.clock.now())
        return rotationOf(deps, tx)
      },
      ({ signing, trusted }) => ({ detail: { step: input.step, signing, trusted } }),
    )
  }

/**
 * What the schedule does: the steps that nobody has to decide on, the end of CAs that others signed by before, and that
 * our tokens at those never come to theirs.
 */
export const advanceSshCa =
  (deps: SshDeps): Handler<'sshCa.advance'> =>
  async (permit) => {
    const now = deps.clock.now()
    await renewAuthorityTokens(deps)
    if ((await dueStep(deps, deps.db)) === null && !(await hasOverdueKeys(deps.db, now))) return { step: null }
    return deps.change(
      permit,
      async (tx) => {
        await holdAuthorities(tx)
        // asked again under the lock: another node may have done it meanwhile
        const step = await dueStep(deps, tx)
        if (step !== null) await steps[step](deps, tx, { withoutHosts: false })
        const isOverdue = await hasOverdueKeys(tx, now)
        if (isOverdue) await forgetOverdueKeys(tx, now)
        if (step !== null || isOverdue) await publishCas(tx, now)
        return { step: step ?? (isOverdue ? ('finish' as const) : null) }
      },
      ({ step }) => ({ detail: { step } }),
    )
  }

type Step = Input<'sshCa.rotate'>['step']

async function dueStep({ authorities, clock }: SshDeps, tx: Store): Promise<Exclude<Step, 'begin'> | null> {
  const cas = await authorities.cas(tx)
  const [next, previous] = [at(cas, 'next'), at(cas, 'previous')]
  if (next !== null && (await hostsNotTrusting(tx, fingerprint(next.publicKey))).length === 0) return 'switch'
  const isOver = previous !== null && clock.now().getTime() - previous.stagedAt.getTime() >= previousSeconds * 1000
  return isOver ? 'finish' : null
}

type TakeStep = (deps: SshDeps, tx: Transaction, how: Pick<Input<'sshCa.rotate'>, 'withoutHosts'>) => Promise<void>

const steps = {
  begin: async ({ authorities }, tx) => {
    const cas = await authorities.cas(tx)
    if (at(cas, 'next') !== null) throw underWay('the next CA is there already; `--step switch` signs by it')
    if (at(cas, 'previous') !== null) throw underWay('hosts still trust the CA before; `--step finish` ends that')
    await authorities.makeNext(tx)
  },
  switch: async ({ authorities, clock }, tx, { withoutHosts }) => {
    const cas = await authorities.cas(tx)
    const next = at(cas, 'next')
    if (next === null) throw underWay('there is no next CA; `--step begin` makes it')
    const behind = await hostsNotTrusting(tx, fingerprint(next.publicKey))
    if (behind.length > 0 && !withoutHosts)
      throw underWay(
        `these hosts do not trust the next CA yet, and would take no certificate (--without-hosts): ${named(behind)}`,
      )
    const now = clock.now()
    await stageCa(tx, signingCa(cas).id, { stage: 'previous', at: now })
    await stageCa(tx, next.id, { stage: 'current', at: now })
  },
  finish: async ({ authorities, clock }, tx) => {
    const previous = at(await authorities.cas(tx), 'previous')
    if (previous === null) throw underWay('there is no CA before the current one that hosts still trust')
    await stageCa(tx, previous.id, { stage: 'retired', at: clock.now() })
  },
} as const satisfies Record<Step, TakeStep>

const at = (cas: readonly Ca[], stage: Ca['stage']): Ca | null => cas.find((ca) => ca.stage === stage) ?? null

const underWay = (hint: string): Refusal => new Refusal('conflict', { hint })

/** How far the rotation has come. */
async function rotationOf({ authorities }: SshDeps, tx: Transaction): Promise<Output<'sshCa.rotate'>> {
  const cas = (await authorities.cas(tx)).filter(({ stage }) => stage !== 'retired')
  const wanted = at(cas, 'next') ?? signingCa(cas)
  const behind = await hostsNotTrusting(tx, fingerprint(wanted.publicKey))
  return {
    signing: fingerprint(signingCa(cas).publicKey),
    trusted: cas.map(({ publicKey }) => fingerprint(publicKey)),
    behind: [...behind],
  }
}
