import { Show, type JSX } from 'solid-js'
import { createLoaded, type Loaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection } from '../../ui/panel.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { Lease } from './live-leases.ts'
import { evidenceText, proofWord, proofWords, type Proof } from './proof-words.ts'

/** A host that fetches its list each minute is asked every few seconds; the page follows. */
const lookAgainMs = 5_000

/** Whether the credential of a revoked lease is dead, and the evidence; of all others there is nothing to prove. */
export function LeaseProof(props: { lease: Lease }): JSX.Element {
  const access = useAccess()
  const shown = (): boolean => props.lease.state === 'revoked' && access.may('lease.proof')
  return (
    <Show when={shown()}>
      <PanelSection title="Revocation proof">
        <Proved id={props.lease.id} />
      </PanelSection>
    </Show>
  )
}

function Proved(props: { id: string }): JSX.Element {
  const loaded: Loaded<Proof> = createLoaded('lease.proof', () => ({ id: props.id }), {
    everyMs: lookAgainMs,
    when: () => loaded.data()?.state === 'waiting',
  })
  return <Answer of={loaded}>{(proof) => <ProofFacts proof={proof()} />}</Answer>
}

function ProofFacts(props: { proof: Proof }): JSX.Element {
  return (
    <>
      <p>{proofWords(props.proof)}</p>
      <Facts
        of={[
          ['Proof', proofWord(props.proof)],
          ['Refused', props.proof.refusedAt === null ? undefined : <ExactMoment at={props.proof.refusedAt} />],
          ['Last asked', props.proof.askedAt === null ? undefined : <ExactMoment at={props.proof.askedAt} />],
          ['Answer', props.proof.lastAnswer ?? undefined],
        ]}
      />
      <Show when={props.proof.evidence !== null}>
        <CopyBlock text={evidenceText(props.proof)} what="signed evidence" />
      </Show>
    </>
  )
}
