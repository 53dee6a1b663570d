import type { Wire } from '@gatehouse/contract'
import { exactDuration } from '@gatehouse/kit'

export type Proof = Wire<'lease.proof'>

const states: Readonly<Record<Proof['state'], string>> = {
  living: 'Not revoked',
  waiting: 'Waiting for a refusal',
  refused: 'Proved: refused',
  ended: 'Ended by itself',
  'not-provable': 'Cannot be proved',
  'given-up': 'Not refused',
}

/** How it stands, in a word or two. */
export const proofWord = ({ state }: Pick<Proof, 'state'>): string => states[state]

/** Who was asked, how often, and what came of it. */
export function proofWords({ state, provider, secondsToDead, lastAnswer, attempts }: Proof): string {
  const who = provider ?? 'the backend'
  const asked = `${who} was asked ${attempts === 1 ? 'once' : `${attempts} times`}`
  switch (state) {
    case 'living':
      return 'The credential works.'
    case 'refused':
      return `${who} refused the credential ${afterWords(secondsToDead ?? 0)} it was revoked.`
    case 'waiting':
      return attempts === 0 ? 'It will be asked about in a moment.' : `${asked}: ${lastAnswer ?? 'no answer'}.`
    case 'given-up':
      return `${asked}, for a day: ${lastAnswer ?? 'no answer'}. Check by hand whether it still works.`
    case 'ended':
      return 'The credential reached its own end before anyone was seen to refuse it.'
    case 'not-provable':
      return `Nobody can be asked whether it is dead before it has expired${because(lastAnswer)}.`
  }
}

const because = (answer: string | null): string => (answer === null ? '' : `: ${answer}`)

const afterWords = (seconds: number): string =>
  seconds < 1 ? 'less than a second after' : `${exactDuration(Math.round(seconds))} after`

/** What is kept by who wants to show it to others: everything needed to check the signature. */
export const evidenceText = ({ evidence }: Proof): string =>
  evidence === null ? '' : JSON.stringify(evidence, null, 2)
