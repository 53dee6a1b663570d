import { DecisionReceipt } from '@gatehouse/contract'
import type { DecisionRequest } from '@gatehouse/enforcement'
import { z } from 'zod'
import { decideOnce, isSameVerdict, prepareFiles, type Verdict } from './rerun-decision.ts'
import { PolicyError } from './policy-problem.ts'

/** What making a decision again came to. */
export interface ReceiptCheck {
  readonly ok: boolean
  /** What the policies of the receipt say to its request; null: they could not be asked. */
  readonly verdict: Verdict | null
  readonly problems: readonly string[]
}

type Receipt = z.output<typeof DecisionReceipt>

const Entity = z.object({ type: z.string(), id: z.string() })
/** The shape alone: what stands in it is Cedar's to judge, by the schema of the receipt. */
const Request = z.object({
  principal: Entity,
  action: z.string(),
  resource: Entity,
  context: z.record(z.string(), z.unknown()),
  entities: z.array(z.object({ uid: Entity, attrs: z.record(z.string(), z.unknown()), parents: z.array(Entity) })),
})

/** As much of the entry as a decision is told by. */
const Entry = z.object({
  action: z.string(),
  principal: z.object({ type: z.string(), id: z.string() }),
  decision: z.object({ effect: z.string(), policies: z.array(z.string()), version: z.string() }),
})

/** Makes the decision of a receipt again, from the receipt alone, and compares it with the entry it comes with. */
export function verifyReceipt(text: string): ReceiptCheck {
  const receipt = parsedBy(DecisionReceipt, text)
  if (receipt === null) return failed('this is no receipt: it is what `gatehouse decision get ID --json` prints')
  if (receipt.request === null || receipt.files.length === 0)
    return failed(`this decision cannot be made again: ${receipt.missing ?? 'its receipt is not whole'}`)
  const request = parsedBy(Request, receipt.request)
  if (request === null) return failed('what was asked is not readable')
  try {
    const files = receipt.files.map(({ path, text: policies }) => ({ file: path, text: policies }))
    const prepared = prepareFiles(files, { place: 'the receipt' })
    const verdict = decideOnce(prepared, request as DecisionRequest) // its shape was checked; its values Cedar checks
    const problems = problemsOf(receipt, {
      request: request as DecisionRequest,
      verdict,
      version: prepared.set.version,
    })
    return { ok: problems.length === 0, verdict, problems }
  } catch (error) {
    if (error instanceof PolicyError) return failed(`its policies are not valid: ${error.message}`)
    throw error
  }
}

const failed = (problem: string): ReceiptCheck => ({ ok: false, verdict: null, problems: [problem] })

function parsedBy<T extends z.ZodType>(schema: T, text: string): z.output<T> | null {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

interface MadeAgain {
  readonly request: DecisionRequest
  readonly verdict: Verdict
  readonly version: string
}

function problemsOf(receipt: Receipt, { request, verdict, version }: MadeAgain): string[] {
  const entry = parsedBy(Entry, receipt.entry)
  if (entry === null) return ['the audit entry is not readable']
  const { decision, principal, action } = entry
  const said = { effect: decision.effect === 'allow' ? 'allow' : 'deny', policies: decision.policies } as const
  const sameCaller = request.principal.type === principal.type && request.principal.id === principal.id
  const checks: readonly (readonly [boolean, string])[] = [
    [version === decision.version, 'these are not the policies that the audit entry names'],
    [request.action === action, 'another action was asked for than the audit entry names'],
    [sameCaller, 'another principal was asked for than the audit entry names'],
    [isSameVerdict(verdict, said), `made again it is ${textOf(verdict)}, and the audit entry says ${textOf(said)}`],
  ]
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem)
}

const textOf = ({ effect, policies }: Verdict): string =>
  policies.length === 0 ? effect : `${effect} by ${policies.join(', ')}`
