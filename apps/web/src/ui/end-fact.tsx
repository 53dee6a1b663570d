import { createMemo, type Accessor } from 'solid-js'
import { createNow } from './clock.ts'
import { endName, type EndOf } from './end-of.ts'
import { ExactMoment } from './moment.tsx'
import type { Fact } from './panel.tsx'

/** When a thing ends or ended, as a fact about it. It is drawn anew when what it is called changes, not each second. */
export function createEndFact(of: Accessor<EndOf>): Accessor<Fact> {
  const now = createNow()
  const name = createMemo(() => endName(of(), now()))
  return () => {
    const called = name()
    if (called === null) return ['Expires', undefined]
    return [called, <ExactMoment at={called === 'Ended' ? of().endedAt : of().expiresAt} />]
  }
}
