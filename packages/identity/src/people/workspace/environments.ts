import { invalidField, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { networkText, parseNetwork } from '@gatehouse/kit'
import { describeEnvironment, selectEnvironments, updateEnvironment } from '../../directory/environment.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'

/** The environments, the nearest to production last. */
export const environmentList =
  ({ db }: HandlerDeps): Handler<'environment.list'> =>
  async () => ({ environments: (await selectEnvironments(db, null)).map(describeEnvironment) })

/** Changes what an environment asks for. It counts for the next decision in each of its workspaces. */
export const environmentUpdate =
  ({ change, clock }: HandlerDeps): Handler<'environment.update'> =>
  (permit) => {
    const { tier, requiresMfa, requiresApproval, timeZone, networks: given } = permit.input
    const networks = given === undefined ? undefined : canonicalNetworks(given)
    const wanted = { tier, requiresMfa, requiresApproval, timeZone, networks }
    if (Object.values(wanted).every((value) => value === undefined))
      throw invalidField('tier', 'a tier, a demand, a time zone or networks: there is nothing to change')
    const id = resourceId(permit)
    const userId = callingUser(permit).id
    return change(permit, async (tx) => {
      await updateEnvironment(tx, { id, change: wanted, now: clock.now(), userId })
      const [row] = await selectEnvironments(tx, id)
      if (row === undefined) throw new Refusal('not-found')
      return describeEnvironment(row)
    })
  }

/** Networks in the one form that is stored, each once. */
const canonicalNetworks = (texts: readonly string[]): string[] => [
  ...new Set(
    texts.map((text) => {
      const network = parseNetwork(text)
      if (network === null) throw invalidField('networks', `networks such as 10.0.0.0/8; \`${text}\` is none`)
      return networkText(network)
    }),
  ),
]
