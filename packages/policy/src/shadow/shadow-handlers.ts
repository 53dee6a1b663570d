import { Refusal, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { candidateOf } from '../candidate.ts'
import type { PublishDeps } from '../publish-handlers.ts'
import {
  dropShadow,
  findShadow,
  replaceShadow,
  selectShadowFlips,
  selectShadowNodes,
  type ShadowFacts,
  type ShadowNode,
} from './shadow.queries.ts'

type ShadowDeps = Omit<PublishDeps, 'directory' | 'status'>
type Report = Output<'policy.shadowReport'>

/** The set that decides beside, and what it would change. */
export function shadowHandlers(deps: ShadowDeps): {
  readonly 'policy.shadowPublish': Handler<'policy.shadowPublish'>
  readonly 'policy.shadowDrop': Handler<'policy.shadowDrop'>
  readonly 'policy.shadowReport': Handler<'policy.shadowReport'>
} {
  const { engine, change, clock, random } = deps
  return {
    'policy.shadowPublish': async (permit) => {
      const { files, version, policies } = await candidateOf(engine, permit.input.files)
      const shadow: ShadowFacts = {
        id: random.id(),
        at: clock.now(),
        version,
        policies: policies.length,
        setBy: permit.principal.type === 'User' ? permit.principal.id : null,
        reason: permit.input.reason,
      }
      await change(
        permit,
        (tx) => replaceShadow(tx, { ...shadow, files }),
        () => ({ detail: { shadow: shadow.id, version, policies: shadow.policies } }),
      )
      await engine.shadow.take()
      return shadow
    },
    'policy.shadowDrop': async (permit) => {
      const report = await reportOf(deps)
      const { shadow, decided, newlyAllowed, newlyDenied } = report
      if (shadow === null) throw noShadow()
      await change(
        permit,
        async (tx) => {
          if (!(await dropShadow(tx, shadow.id))) throw noShadow()
        },
        () => ({ detail: { shadow: shadow.id, version: shadow.version, decided, newlyAllowed, newlyDenied } }),
      )
      await engine.shadow.take()
      return report
    },
    'policy.shadowReport': () => reportOf(deps),
  }
}

const noShadow = (): Refusal =>
  new Refusal('conflict', { hint: 'policy shadow-publish sets one' }, { message: 'no policy set decides beside' })

async function reportOf({ engine, db }: ShadowDeps): Promise<Report> {
  await engine.shadow.settle()
  const shadow = await findShadow(db)
  if (shadow === null) return { shadow, ...sumOf([]), flips: [], nodes: [] }
  const [nodes, flips] = [await selectShadowNodes(db, shadow.id), await selectShadowFlips(db, shadow.id)]
  return {
    shadow,
    ...sumOf(nodes),
    flips: flips.map(({ kind: _kind, policies, wasPolicies, errors, ...flip }) => ({
      ...flip,
      policies: [...policies],
      wasPolicies: [...wasPolicies],
      errors: [...errors],
    })),
    nodes: nodes.map(({ node, since, seenAt, decided, dropped, errored, problem }) => ({
      node,
      since,
      seenAt,
      decided,
      dropped,
      errored,
      problem,
    })),
  }
}

function sumOf(nodes: readonly ShadowNode[]) {
  const sum = (of: (node: ShadowNode) => number): number => nodes.reduce((total, node) => total + of(node), 0)
  return {
    decided: sum(({ decided }) => decided),
    dropped: sum(({ dropped }) => dropped),
    errored: sum(({ errored }) => errored),
    newlyAllowed: sum(({ newlyAllowed }) => newlyAllowed),
    newlyDenied: sum(({ newlyDenied }) => newlyDenied),
    unlisted: sum(({ unlisted }) => unlisted),
  }
}
